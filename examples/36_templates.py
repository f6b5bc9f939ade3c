"""Texts that are filled in when the flow runs, in two languages for templates."""

from prefect import Flow, Parameter, task
from prefect.tasks.templates import StringFormatter
from prefect.tasks.templates.jinja2 import JinjaTemplate


@task
def rows() -> list[dict[str, object]]:
    return [{"name": "apples", "count": 3}, {"name": "pears", "count": 0}]


with Flow("templates") as flow:
    who = Parameter("who", default="Ada")
    greeting = StringFormatter(template="Good morning, {who}!")(who=who)
    table = JinjaTemplate(
        template="{% for row in rows if row.count %}{{ row.count }} {{ row.name }}{% endfor %} in {{ flow_name }}"
    )(rows=rows())

state = flow.run(who="Grace")
assert state is not None
print(state.result[greeting].result, state.result[table].result)
assert state.result[greeting].result == "Good morning, Grace!"
assert state.result[table].result == "3 apples in templates"
