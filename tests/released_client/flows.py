"""Flows that the released client registers and runs; read by its Python, never by ours."""

import datetime
import os
import time

import prefect
from prefect import Flow, Parameter, task
from prefect.artifacts import create_markdown_artifact
from prefect.engine.results import LocalResult
from prefect.executors import DaskExecutor, LocalDaskExecutor
from prefect.run_configs import LocalRun
from prefect.schedules import IntervalSchedule
from prefect.storage import Local

RESULTS = LocalResult(dir=os.environ["RESULTS"])
HERE = LocalRun(labels=["here"])
SCRIPT = Local(path=os.path.abspath(__file__), stored_as_script=True, add_default_labels=False)


@task
def numbers(count):
    prefect.context.logger.info("counting to %d", count)
    return list(range(count))


@task(max_retries=1, retry_delay=datetime.timedelta(seconds=0), log_stdout=True)
def double(number):
    if number == 1 and prefect.context.task_run_count == 1:
        raise prefect.engine.signals.RETRY("not yet", start_time=datetime.datetime.now(datetime.timezone.utc))
    print(f"doubled {number}")
    return 2 * number


@task
def total(them):
    create_markdown_artifact(f"the sum is **{sum(them)}**")
    return sum(them)


def calculation(name, **options):
    with Flow(name, result=RESULTS, storage=SCRIPT, run_config=HERE, **options) as flow:
        total(double.map(numbers(Parameter("count", default=3))))
    return flow


here = calculation("here")
threads = calculation("threads", executor=LocalDaskExecutor(scheduler="threads", num_workers=2))
cluster = calculation(
    "cluster",
    executor=DaskExecutor(
        cluster_kwargs={"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    ),
)
scheduled = calculation("scheduled", schedule=IntervalSchedule(interval=datetime.timedelta(hours=1)))


@task
def stay():
    prefect.context.logger.info("staying")
    while True:
        time.sleep(0.05)


with Flow("staying", storage=SCRIPT, run_config=HERE) as staying:
    stay()


@task
def fail():
    raise ValueError("as it should")


with Flow("failing", storage=SCRIPT, run_config=HERE) as failing:
    fail()
