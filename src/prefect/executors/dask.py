"""Run tasks with Dask: on this machine's threads or processes, or on a distributed cluster."""

from prefect.executors.base import Executor


class LocalDaskExecutor(Executor):
    """Placeholder until the real one lands."""


class DaskExecutor(Executor):
    """Placeholder until the real one lands."""
