"""A mail and a note to the devices of a person; servers of this machine stand for those of the world."""

import base64
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from prefect import Flow, context
from prefect.tasks.notifications import EmailTask, PushbulletTask, pushbullet_task

mails: list[str] = []
notes: list[dict[str, Any]] = []


class Mailbox(socketserver.StreamRequestHandler):
    """As much of a mail server as taking one mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


class Pushbullet(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        notes.append({**note, "token": self.headers["Access-Token"]})
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


with socketserver.TCPServer(("127.0.0.1", 0), Mailbox) as post_office, HTTPServer(("127.0.0.1", 0), Pushbullet) as web:
    for server in (post_office, web):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    pushbullet_task.ADDRESS = f"http://127.0.0.1:{web.server_port}/v2/pushes"

    with Flow("telling") as flow:
        mail = EmailTask(
            subject="The nightly run",
            msg_plain="All is well.",
            email_to="ada@example.com",
            smtp_server="127.0.0.1",
            smtp_port=post_office.server_address[1],
            smtp_type="INSECURE",
        )
        mail()
        PushbulletTask(msg="All is well.")()

    with context(secrets={"PUSHBULLET_TOKEN": "a-token-of-mine"}):
        state = flow.run()
    for server in (post_office, web):
        server.shutdown()

print(mails[0])
print(notes)
assert state is not None
assert state.is_successful()
assert "Subject: The nightly run" in mails[0]
assert "All is well." in mails[0] or base64.b64encode(b"All is well.").decode() in mails[0]
assert notes[0]["body"] == "All is well."
