"""Ordinary functions become a flow; running it gives a state that holds every task's state."""

from prefect import Flow, Parameter, task


@task
def greet(name: str) -> str:
    return f"Hello, {name}!"


@task
def shout(text: str) -> str:
    return text.upper()


with Flow("greeting") as flow:
    name = Parameter("name", default="world")
    greeting = greet(name)
    loud = shout(greeting)

state = flow.run(parameters={"name": "Ada"})
assert state is not None
assert state.is_successful()
print(state.result[greeting].result)
print(state.result[loud].result)
assert state.result[loud].result == "HELLO, ADA!"
