"""Commands as tasks: what they print is their result, their failure that of the task."""

from prefect import Flow, task
from prefect.tasks.shell import ShellTask

shell = ShellTask(helper_script="count() { wc -l | tr -d ' '; }")
lines = ShellTask(name="lines", command="printf 'one\\ntwo\\nthree\\n'", return_all=True)


@task
def command(words: list[str]) -> str:
    return f"printf '%s\\n' {' '.join(words)} | count"


with Flow("shell") as flow:
    words = lines()
    counted = shell(command=command(words))
    failing = ShellTask(name="failing", command="echo not today; exit 3")()
    flow.set_reference_tasks([counted])

state = flow.run()
assert state is not None
print(state.result[words].result, "->", state.result[counted].result)
assert state.result[counted].result == "3"
assert state.result[failing].message == "Command failed with exit code 3"
assert state.result[failing].result == "not today"
assert state.is_successful()
