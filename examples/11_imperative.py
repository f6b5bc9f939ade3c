"""The same graph without the `with` block: tasks as classes, dependencies by name."""

from prefect import Flow, Task


class Add(Task):
    def run(self, left: int, right: int) -> int:
        return left + right


flow = Flow("sums")
first, second = Add(name="first"), Add(name="second")
flow.set_dependencies(first, keyword_tasks={"left": 1, "right": 2})
flow.set_dependencies(second, keyword_tasks={"left": first, "right": 10})

state = flow.run()
assert state is not None
print(flow.sorted_tasks())
print(state.result[second].result)
assert state.result[second].result == 13
