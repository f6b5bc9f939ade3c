"""The same flow, in threads: the executor decides where tasks run, the flow does not change."""

import threading

from prefect import Flow, task
from prefect.executors import LocalDaskExecutor

together = threading.Barrier(2, timeout=30)


@task
def meet(name: str) -> str:
    together.wait()  # nobody passes until two are here at the same time
    return f"{name} met somebody"


with Flow("meeting", executor=LocalDaskExecutor(scheduler="threads", num_workers=2)) as flow:
    meetings = meet.map(["Ada", "Grace"])

state = flow.run()
assert state is not None
print(*state.result[meetings].result, sep="\n")
assert state.is_successful()
