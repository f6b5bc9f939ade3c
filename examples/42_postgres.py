"""Statements and questions to a PostgreSQL server: a table, many rows at once, and what they add up to.

The server is the one named by PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE; where none is named nothing is run.
"""

import os
from typing import Any

from prefect import Flow, task
from prefect.tasks.postgres import PostgresExecute, PostgresExecuteMany, PostgresFetch

if "PGHOST" not in os.environ:
    print("SKIPPED: questions to PostgreSQL were not shown, since PGHOST names no server.")
    raise SystemExit(0)

where: dict[str, Any] = {
    "db_name": os.environ.get("PGDATABASE", "postgres"),
    "user": os.environ.get("PGUSER", "postgres"),
    "host": os.environ["PGHOST"],
    "port": int(os.environ.get("PGPORT", "5432")),
}
password = os.environ.get("PGPASSWORD")


@task
def show(total: tuple[int]) -> int:
    print(f"The rows add up to {total[0]}")
    return total[0]


with Flow("postgres") as flow:
    made = PostgresExecute(**where, query="create table example_of_tasks (a int, b text)", commit=True)(
        password=password
    )
    rows = [(1, "x"), (2, "y"), (3, "z")]
    filling = PostgresExecuteMany(**where, query="insert into example_of_tasks values (%s, %s)", data=rows, commit=True)
    filled = filling(password=password, upstream_tasks=[made])
    asking = PostgresFetch(**where, query="select sum(a) from example_of_tasks where b <> %s", data=("y",))
    total = asking(password=password, upstream_tasks=[filled])
    shown = show(total)
    dropping = PostgresExecute(**where, query="drop table example_of_tasks", commit=True)
    dropping(password=password, upstream_tasks=[shown])

state = flow.run()
assert state is not None
assert state.is_successful()
assert state.result[shown].result == 4
