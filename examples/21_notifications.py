"""Telling people: a message as a task, and a state handler that speaks up when something fails."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from prefect import Flow, context, task
from prefect.engine.state import Failed, State
from prefect.tasks.notifications import SlackTask
from prefect.tasks.templates import StringFormatter
from prefect.utilities.notifications import callback_factory, slack_notifier

received: list[dict[str, Any]] = []


class Channel(BaseHTTPRequestHandler):
    """Stands for Slack."""

    def do_POST(self) -> None:
        received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Channel)
threading.Thread(target=server.serve_forever, daemon=True).start()
heard: list[str] = []


def shout(tracked: Any, state: State) -> None:
    heard.append(f"{tracked.name}: {state.message}")


@task(
    state_handlers=[
        slack_notifier(only_states=[Failed], backend_info=False),
        callback_factory(shout, lambda state: state.is_failed()),
    ]
)
def divide(number: int, by: int) -> float:
    return number / by


with Flow("notifications") as flow:
    divided = divide.map([6, 1], by=[3, 0])
    text = StringFormatter(template="{name} says hello")(name="Ada")
    SlackTask()(message=text)

with context(secrets={"SLACK_WEBHOOK_URL": f"http://127.0.0.1:{server.server_port}/hook"}):
    flow.run()
server.shutdown()
server.server_close()

texts = sorted(message.get("text") or message["attachments"][0]["text"] for message in received)
print(texts)
print(heard)
assert "Ada says hello" in texts
assert any("is now in a Failed state" in text for text in texts)
assert any("ZeroDivisionError" in line for line in heard)
