"""The agent that starts runs as containers of its own machine."""

from prefect.agent.docker.agent import DockerAgent

__all__ = ["DockerAgent"]
