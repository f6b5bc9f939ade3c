"""`prefect ui` as a process: it shows the embedded file to this machine, on a free port where its own is taken."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

COMMAND = [sys.executable, "-m", "prefect", "ui", "--no-open"]


def test_it_shows_the_file_of_the_settings_until_it_is_stopped(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "src"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        path = tmp_path / "quaestor.db"
        environment = {
            **os.environ,
            "PYTHONPATH": str(source),
            "PYTHONUNBUFFERED": "1",
            "PREFECT__EMBEDDED__DATABASE": str(path),
            "PREFECT__SERVER__UI__PORT": str(taken.getsockname()[1]),
        }
        run = "0f3d0b9e-6f0a-4a83-9a2e-0a1b2c3d4e5f"
        process = subprocess.Popen(
            [*COMMAND, run], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        with process:
            assert process.stdout is not None
            try:
                place, _, url = process.stdout.readline().strip().partition(" is shown at ")
                assert place == str(path)
                assert url.startswith("http://127.0.0.1:")
                assert url.endswith(f"/flow-run/{run}")
                request = urllib.request.Request(url, headers={"Accept": "text/html"})
                try:
                    with urllib.request.urlopen(request) as answer:
                        shown = answer.read()
                except urllib.error.HTTPError as error:  # not built in this checkout: it says how
                    shown = error.read()
                assert b"Quaestor" in shown
                process.send_signal(signal.SIGINT)
                assert process.stdout.read() == "Ctrl-C ends it.\nStopped.\n"
                assert process.wait() == 0
            finally:
                process.kill()
