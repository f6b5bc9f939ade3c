"""Flows behind two HTTP requests, against a server in this process."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from prefect import Flow, task
from prefect.exceptions import FlowStorageError
from prefect.serialization.storage import dump_storage, load_storage
from prefect.storage import Webhook
from prefect.utilities.context import context

SCRIPT = "from prefect import Flow\nfirst = Flow('first')\nsecond = Flow('second')\n"


@dataclass
class Service:
    """Keeps what is sent under a path, and gives it back."""

    url: str = ""
    kept: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def answer(self) -> None:
            service.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            path = self.path.partition("?")[0]
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.command != "GET":
                service.kept[path] = body
            content = service.kept.get(path, b"")
            self.send_response(service.status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = answer

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, name="webhook")
    thread.start()
    try:
        yield service
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@task
def one() -> int:
    return 1


def build_flow(name: str) -> Flow:
    with Flow(name) as flow:
        one()
    return flow


def webhook(url: str, method: str = "POST", get: str = "GET", **kwargs: Any) -> Webhook:
    return Webhook({"url": url}, method, {"url": url}, get, **kwargs)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_flows_come_back(service: Service, method: str) -> None:
    storage = webhook(f"{service.url}/f", method)
    assert storage.add_flow(build_flow("My Flow")) == "My Flow"
    assert storage.flows == {"My Flow": "My Flow"}
    assert storage.build() is storage
    loaded = load_storage(dump_storage(storage)).get_flow("My Flow")
    assert (loaded.name, len(loaded.tasks)) == ("My Flow", 1)
    assert [(verb, path) for verb, path, _ in service.asked] == [(method, "/f"), ("GET", "/f")]
    with pytest.raises(ValueError, match="Flow is not contained in this Storage"):
        storage.get_flow("nope")


def test_a_flow_that_has_changed_takes_the_place_of_the_old_one(service: Service) -> None:
    storage = webhook(f"{service.url}/f")
    storage.add_flow(Flow("f"))
    storage.add_flow(build_flow("f"))
    storage.build()
    assert len(storage.get_flow("f").tasks) == 1


class TestNamesInTemplates:
    def test_they_stand_for_the_environment_and_for_secrets(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FROM_ENVIRONMENT", "env")
        monkeypatch.setenv("IN_BOTH", "env")
        kwargs = {
            "url": f"{service.url}/${{FROM_ENVIRONMENT}}",
            "headers": {"a": "Bearer ${TOKEN}", "b": "$IN_BOTH", "c": "$$5"},
            "params": {"p": ["${TOKEN}"], "n": 5},
            "auth": ("user", "${TOKEN}"),
        }
        storage = Webhook(kwargs, "POST", {"url": f"{service.url}/env"}, "GET")
        storage.add_flow(Flow("f"))
        with context(secrets={"TOKEN": "s3kret", "IN_BOTH": "secret"}):
            storage.build()
        ((_, path, headers),) = service.asked
        assert path == "/env?p=s3kret&n=5"
        assert (headers["b"], headers["c"]) == ("env", "$5")
        assert headers["a"] == "Bearer s3kret"
        assert headers["authorization"].startswith("Basic ")
        # Only the names are registered.
        assert "s3kret" not in str(dump_storage(storage))

    def test_one_that_stands_for_nothing_is_named(self, service: Service) -> None:
        storage = webhook(f"{service.url}/${{NOPE}}")
        storage.add_flow(Flow("f"))
        for ask in (storage.build, lambda: storage.get_flow("f")):
            with pytest.raises(RuntimeError, match="Template value 'NOPE' does not refer to an environment variable"):
                ask()
        assert service.asked == []

    def test_a_dollar_sign_of_its_own_is_doubled(self, service: Service) -> None:
        storage = Webhook({"url": service.url, "headers": {"price": "$5"}}, "POST", {"url": service.url}, "GET")
        storage.add_flow(Flow("f"))
        with pytest.raises(ValueError, match=r"Invalid placeholder .* '\$5': a dollar sign .* is written `\$\$`"):
            storage.build()

    def test_what_they_stand_for_is_not_shown_in_errors(self, service: Service) -> None:
        service.status = 500
        storage = webhook(f"{service.url}/${{TOKEN}}")
        storage.add_flow(Flow("f"))
        with context(secrets={"TOKEN": "s3kret"}):
            for wish, ask in (("store", storage.build), ("load", lambda: storage.get_flow("f"))):
                with pytest.raises(FlowStorageError) as error:
                    ask()
                said = str(error.value)
                assert said.startswith(f"Webhook storage cannot {wish} the flow 'f': ")
                assert said.endswith("/${TOKEN} was answered with 500 Internal Server Error.")
                assert error.value.__cause__ is None


class TestScripts:
    def test_a_script_is_sent_and_run(self, service: Service, tmp_path: Path) -> None:
        (tmp_path / "f.py").write_text(SCRIPT)
        storage = webhook(f"{service.url}/f", stored_as_script=True, flow_script_path=str(tmp_path / "f.py"))
        storage.add_flow(Flow("second"))
        storage.build()
        assert service.kept["/f"] == SCRIPT.encode()
        assert storage.get_flow("second").name == "second"

    def test_a_script_must_be_named_and_there(self, service: Service) -> None:
        storage = webhook(f"{service.url}/f", stored_as_script=True)
        storage.add_flow(Flow("f"))
        with pytest.raises(RuntimeError, match=r"flow_script_path must be provided if stored_as_script=True.*'f'"):
            storage.build()
        storage.flow_script_path = "/no/such/file.py"
        with pytest.raises(RuntimeError, match=r"file '/no/such/file.py' passed to flow_script_path does not exist"):
            storage.build()


def test_nobody_there_is_an_error(service: Service) -> None:
    storage = webhook("http://127.0.0.1:1/f")
    storage.add_flow(Flow("f"))
    with pytest.raises(FlowStorageError, match=r"cannot store the flow 'f': POST http://127.0.0.1:1/f failed \(Conn"):
        storage.build()


def test_a_request_needs_an_address() -> None:
    storage = Webhook({"timeout": 1}, "POST", {}, "GET")
    storage.add_flow(Flow("f"))
    with pytest.raises(ValueError, match="cannot store the flow 'f': the arguments of its request have no `url`"):
        storage.build()


def test_the_content_is_always_the_flow(service: Service) -> None:
    storage = Webhook({"url": f"{service.url}/f", "data": b"mine"}, "POST", {"url": f"{service.url}/f"}, "GET")
    storage.add_flow(Flow("f"))
    with pytest.warns(RuntimeWarning, match="'data' found in build_request_kwargs"):
        storage.build()
    assert storage.get_flow("f").name == "f"
