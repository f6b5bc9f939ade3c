"""The agent for Google Vertex AI of 1.x, which is left out on purpose."""

raise ImportError(
    "prefect.agent.vertex of Prefect 1.x is left out on purpose: it could not be tested without an account there. "
    "Start a Docker or a Kubernetes agent (`prefect agent docker start`), or write one: a subclass of "
    "prefect.agent.Agent with a method `deploy_flow`."
)
