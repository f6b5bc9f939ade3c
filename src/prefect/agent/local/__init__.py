"""The agent that starts runs as processes of its own machine."""

from prefect.agent.local.agent import LocalAgent

__all__ = ["LocalAgent"]
