"""What a program of 1.4.1 does with a server, by its own client and views; prints what it saw as JSON."""

import json
import sys
import threading
import time
import traceback

import prefect
from prefect import Client
from prefect.backend import FlowRunView, FlowView, TaskRunView, kv_store
from prefect.backend.flow_run import watch_flow_run

seen = {}


def until(holds, what):
    end = time.monotonic() + 60
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError("It never came: " + what)
        time.sleep(0.05)


def state(run):
    return FlowRunView.from_flow_run_id(run).state


def query(text):
    return CLIENT.graphql("query { " + text + " }").data


def finished(run):
    until(lambda: state(run).is_finished(), "the end of " + run)
    return FlowRunView.from_flow_run_id(run)


def facts(view):
    found = {
        "state": type(view.state).__name__,
        "name": view.name,
        "parameters": view.parameters,
        "labels": list(view.labels),
        "states": [type(each).__name__ for each in view.states],
        "task_runs": sorted(
            [each.task_slug, each.map_index, type(each.state).__name__] for each in view.get_all_task_runs()
        ),
        "logs": [line.message.splitlines()[0] for line in view.get_logs()],
    }
    if found["state"] == "Success":
        doubled = view.get_task_run(task_slug="double-1")
        found["total"] = view.get_task_run(task_slug="total-1").get_result()
        found["doubled"] = [each.get_result() for each in doubled.iter_mapped()]
        found["mapped"] = TaskRunView.from_task_slug("double-1", view.flow_run_id).get_result()
    return found


def refused(act):
    try:
        act()
    except prefect.exceptions.ClientError as error:
        return type(error).__name__
    return "accepted"


def main():
    flows = {name: FlowView.from_flow_name(name, project_name="released").flow_id for name in FLOWS}
    runs = {
        name: CLIENT.create_flow_run(flow_id=flows[name], run_name=name + " by driver", labels=["here"])
        for name in ("here", "threads", "cluster", "failing", "staying")
    }
    runs["counted"] = CLIENT.create_flow_run(flow_id=flows["here"], parameters={"count": 2})
    planned_of = f'flow_run(where: {{flow_id: {{_eq: "{flows["scheduled"]}"}}, auto_scheduled: {{_eq: true}}}}'
    until(lambda: query(planned_of + ") { id }").flow_run, "a planned run")
    planned = query(planned_of + ", order_by: {scheduled_start_time: asc}) { id task_runs { id } }").flow_run
    seen["planned"] = [len(each.task_runs) for each in planned]
    # Its hour may be far away.
    first = planned[0].id
    CLIENT.set_flow_run_state(first, prefect.engine.state.Scheduled("brought forward"))
    CLIENT.set_flow_run_name(first, "brought forward")
    watched = []

    def watch():
        watched.extend(line.message for line in watch_flow_run(runs["counted"]))

    watching = threading.Thread(target=watch)
    watching.start()
    # The agent is started now, and finds all of them at its first question.
    print("READY", flush=True)

    until(lambda: state(runs["staying"]).is_running(), "a running run")

    def stays():
        return "staying" in [line.message for line in FlowRunView.from_flow_run_id(runs["staying"]).get_logs()]

    until(stays, "a line of a run that is under way")
    CLIENT.cancel_flow_run(runs["staying"])
    for name, run in runs.items():
        seen[name] = facts(finished(run))
    seen["brought forward"] = facts(finished(first))
    watching.join()
    seen["watched"] = watched
    of_here = f'task_run_artifact(where: {{task_run: {{flow_run_id: {{_eq: "{runs["here"]}"}}}}}}) {{ data }}'
    seen["artifacts"] = [each.data for each in query(of_here).task_run_artifact]
    seen["key-value pairs"] = [
        refused(lambda: kv_store.set_key_value("key", 1)),
        refused(lambda: kv_store.get_key_value("key")),
        refused(kv_store.list_keys),
    ]


CLIENT = Client()
FLOWS = ("here", "threads", "cluster", "scheduled", "staying", "failing")

try:
    main()
except BaseException as error:  # noqa: BLE001 - its source is none of our business: where it happened, and what it says
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    seen["broke"] = f"{type(error).__name__}: {error}, at {frames}"
json.dump(seen, sys.stdout, default=str)
