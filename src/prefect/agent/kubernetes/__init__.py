"""The agent that starts runs as jobs of a Kubernetes cluster."""

from prefect.agent.kubernetes.agent import KubernetesAgent

__all__ = ["KubernetesAgent"]
