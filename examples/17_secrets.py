"""Secrets are fetched where the flow runs, from the backend, the settings or the environment, and never kept."""

import os

from prefect import Flow, context, task
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret

os.environ["SERVICE_PORT"] = "8443"


@task
def connect(password: str, port: int) -> str:
    return f"port {port}, {len(password)} characters of password"


with Flow("secrets") as flow:
    password = PrefectSecret("SERVICE_PASSWORD")
    port = EnvVarSecret("SERVICE_PORT", cast=int)
    connected = connect(password, port)

# As the table [context.secrets] of the configuration file would.
with context(secrets={"SERVICE_PASSWORD": "open sesame"}):
    state = flow.run()
assert state is not None
print(state.result[connected].result)
assert state.result[connected].result == "port 8443, 11 characters of password"
