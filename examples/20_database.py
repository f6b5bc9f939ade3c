"""A small pipeline into a database: extract, load, ask."""

import tempfile
from pathlib import Path

from prefect import Flow, task, unmapped
from prefect.tasks.database import SQLiteQuery, SQLiteScript


@task
def extract() -> list[tuple[str, float]]:
    return [("Oslo", -4.5), ("Rome", 11.0), ("Lima", 19.5)]


with tempfile.TemporaryDirectory() as directory:
    db = str(Path(directory) / "weather.db")
    create = SQLiteScript(db=db, script="create table weather (city text, celsius real);")
    insert = SQLiteQuery(name="insert", db=db, query="insert into weather values (?, ?)")
    warmest = SQLiteQuery(db=db, query="select city from weather where celsius > ? order by celsius desc", data=(0,))

    with Flow("database") as flow:
        created = create()
        inserted = insert.map(data=extract(), upstream_tasks=[unmapped(created)])
        cities = warmest(upstream_tasks=[inserted])

    state = flow.run()
    assert state is not None
    print(state.result[cities].result)
    assert state.result[cities].result == [("Lima",), ("Rome",)]
