"""Everything that was recorded can be asked for by GraphQL: filters, relationships, aggregates."""

from prefect import Client, Flow, task
from prefect.backend import run_flow


@task
def double(number: int) -> int:
    return 2 * number


with Flow("doubling") as flow:
    double.map([1, 2, 3])

run_flow(flow)

answer = Client().graphql(
    """
    query($name: String!) {
      flow_run(where: {flow: {name: {_eq: $name}}}, order_by: {created: desc}, limit: 1) {
        state
        flow { name version project { name } }
        task_runs_aggregate(where: {map_index: {_gte: 0}}) { aggregate { count } }
      }
    }
    """,
    variables={"name": "doubling"},
)
found = answer["data"]["flow_run"][0]
print(found)
assert found["state"] == "Success"
assert found["task_runs_aggregate"]["aggregate"]["count"] == 3
