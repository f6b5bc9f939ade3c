"""What clients ask and tell: constant documents, so that the backend has each parsed, checked and planned only once."""

from __future__ import annotations

TENANT = "query { tenant { id } }"
TENANTS = "query { tenant(order_by: {slug: asc}) { id name slug } }"
AUTH_INFO = "query { auth_info { tenant_id } }"
PROJECT = "query($name: String!) { project(where: {name: {_eq: $name}}) { id } }"
FLOW_GROUP_OF_FLOW = "query($id: uuid!) { flow_by_pk(id: $id) { flow_group_id } }"
FLOW_RUN_INFO = """query($id: uuid!) {
  flow_run_by_pk(id: $id) {
    id name flow_id parameters context version scheduled_start_time serialized_state
    task_runs(where: {map_index: {_eq: -1}}) { id task { id slug } version serialized_state }
    flow { project { id name } }
  }
}"""
FLOW_RUN_STATE = "query($id: uuid!) { flow_run_by_pk(id: $id) { serialized_state } }"
TASK_RUN_STATE = "query($id: uuid!) { task_run_by_pk(id: $id) { serialized_state } }"
CACHED_BY_KEY = """query($after: timestamptz!, $key: String!, $limit: Int!) {
  task_run(
    where: {state: {_eq: "Cached"}, state_timestamp: {_gte: $after}, cache_key: {_eq: $key}}
    order_by: {state_timestamp: desc}
    limit: $limit
  ) { serialized_state }
}"""
CACHED_BY_TASK = """query($after: timestamptz!, $task_id: uuid!, $limit: Int!) {
  task_run(
    where: {state: {_eq: "Cached"}, state_timestamp: {_gte: $after}, task_id: {_eq: $task_id}}
    order_by: {state_timestamp: desc}
    limit: $limit
  ) { serialized_state }
}"""
AGENT_CONFIG = "query($id: uuid!) { agent_config(where: {id: {_eq: $id}}) { settings } }"
TASK_TAG_LIMIT = "query($tag: String!) { task_tag_limit(where: {tag: {_eq: $tag}}) { limit id } }"


def mutation(name: str, answer: str) -> str:
    """The document of a mutation with one input."""
    return f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ {answer} }} }}"


CREATE_TENANT = mutation("create_tenant", "id")
CREATE_PROJECT = mutation("create_project", "id")
DELETE_PROJECT = mutation("delete_project", "success")
CREATE_FLOW = mutation("create_flow", "id")
CREATE_FLOW_COMPRESSED = mutation("create_flow_from_compressed_string", "id")
REGISTER_TASKS = mutation("register_tasks", "success")
REGISTER_EDGES = mutation("register_edges", "success")
SET_SCHEDULE_ACTIVE = mutation("set_schedule_active", "success")
CREATE_FLOW_RUN = mutation("create_flow_run", "id")
SET_FLOW_RUN_NAME = mutation("set_flow_run_name", "success")
SET_TASK_RUN_NAME = mutation("set_task_run_name", "success")
CANCEL_FLOW_RUN = mutation("cancel_flow_run", "state")
FLOW_RUN_HEARTBEAT = mutation("update_flow_run_heartbeat", "success")
SET_FLOW_RUN_STATES = mutation("set_flow_run_states", "states { status message id }")
SET_TASK_RUN_STATES = mutation("set_task_run_states", "states { status message id }")
TASK_RUN_INFO = mutation("get_or_create_task_run_info", "id version serialized_state")
WRITE_RUN_LOGS = mutation("write_run_logs", "success")
REGISTER_AGENT = mutation("register_agent", "id")
REPORT_EXIT = mutation("report_flow_run_process_exit", "moved")
CREATE_ARTIFACT = mutation("create_task_run_artifact", "id")
UPDATE_ARTIFACT = mutation("update_task_run_artifact", "success")
DELETE_ARTIFACT = mutation("delete_task_run_artifact", "success")
SET_SECRET = mutation("set_secret", "success")
UPDATE_TASK_TAG_LIMIT = mutation("update_task_tag_limit", "id")
DELETE_TASK_TAG_LIMIT = mutation("delete_task_tag_limit", "success")
