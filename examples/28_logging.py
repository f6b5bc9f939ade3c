"""What tasks say: through the logger of the run, or by printing."""

import logging

from prefect import Flow, context, task
from prefect.utilities.logging import get_logger


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")


@task
def speak(name: str) -> None:
    context.logger.info("hello from %s", name)
    context.logger.debug("this is too quiet by default")
    logging.getLogger("a_library").warning("not a line of the run")


@task(log_stdout=True)
def mutter() -> None:
    print("printed")


with Flow("logging") as flow:
    speak.map(["Ada", "Bo"])
    mutter()

handler = Lines()
get_logger().addHandler(handler)
flow.run()
said = [line for line in handler.lines if "hello" in line or "printed" in line]
print(said)
assert sorted(said) == ["INFO hello from Ada", "INFO hello from Bo", "INFO printed"]
