"""Runs whose states live in a backend: the 1.x runner class names, and the run store behind them."""

from prefect.engine.cloud.flow_runner import CloudFlowRunner
from prefect.engine.cloud.task_runner import CloudTaskRunner

__all__ = ["CloudFlowRunner", "CloudTaskRunner"]
