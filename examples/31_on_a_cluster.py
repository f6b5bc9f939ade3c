"""The same flow on a Dask cluster, which is started for the run and stopped after it."""

from prefect import Flow, task
from prefect.executors import DaskExecutor


@task
def square(x: int) -> int:
    return x * x


@task
def total(squares: list[int]) -> int:
    return sum(squares)


with Flow("cluster") as flow:
    summed = total(square.map(list(range(10))))

if __name__ == "__main__":
    cluster = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": "127.0.0.1:0"}
    state = flow.run(executor=DaskExecutor(cluster_kwargs=cluster))
    assert state is not None
    print(state.result[summed].result)
    assert state.result[summed].result == 285
