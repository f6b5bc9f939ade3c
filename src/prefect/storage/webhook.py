"""A flow behind two HTTP requests: one that uploads it, one that fetches it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from string import Template
from typing import TYPE_CHECKING, Any, Self

from prefect.exceptions import FlowStorageError
from prefect.storage.base import Storage

if TYPE_CHECKING:
    from prefect.core.flow import Flow

METHODS = ("GET", "PATCH", "POST", "PUT")

# What a request waits for an answer, where its arguments do not say it; requests itself would wait for ever.
TIMEOUT_SECONDS = 60


class Webhook(Storage):
    """Flows behind an HTTP service.

    The arguments of a request are those of `requests.request`. Text in them may name environment variables and secrets,
    as in `"Bearer ${API_TOKEN}"`; the names are filled in when the request is sent, and only the names are kept.

    Args:
        build_request_kwargs, build_request_http_method: the request that uploads the flow.
        get_flow_request_kwargs, get_flow_request_http_method: the request that fetches it.
        stored_as_script: whether the flow is a script rather than a pickle.
        flow_script_path: the script to upload.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        build_request_kwargs: dict[str, Any],
        build_request_http_method: str,
        get_flow_request_kwargs: dict[str, Any],
        get_flow_request_http_method: str,
        stored_as_script: bool = False,
        flow_script_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        for method in (build_request_http_method, get_flow_request_http_method):
            if method not in METHODS:
                raise RuntimeError(f"HTTP method {method!r} not recognized; known are {', '.join(METHODS)}.")
        self.build_request_kwargs = build_request_kwargs
        self.build_request_http_method = build_request_http_method
        self.get_flow_request_kwargs = get_flow_request_kwargs
        self.get_flow_request_http_method = get_flow_request_http_method
        self.flow_script_path = flow_script_path
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    def add_flow(self, flow: Flow) -> str:
        """Take a flow in, to be uploaded by `build`; returns its name."""
        self.flows[flow.name] = flow.name
        self._flows[flow.name] = flow
        return flow.name

    def build(self) -> Self:
        """Upload the flows that were added; FlowStorageError where the service does not take them."""
        self.run_basic_healthchecks()
        for name, flow in self._flows.items():
            self._upload(name, self._content(flow))
        return self

    def _content(self, flow: Flow) -> bytes:
        if not self.stored_as_script:
            from prefect.utilities.storage import flow_to_bytes_pickle

            return flow_to_bytes_pickle(flow)
        if not self.flow_script_path:
            raise RuntimeError(
                f"flow_script_path must be provided if stored_as_script=True: the file that builds {flow.name!r}."
            )
        try:
            with open(os.path.expanduser(self.flow_script_path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            raise RuntimeError(f"file {self.flow_script_path!r} passed to flow_script_path does not exist") from None

    def _upload(self, flow_name: str, content: bytes) -> None:
        kwargs = dict(self.build_request_kwargs)
        if "data" in kwargs:
            warnings.warn(
                "'data' found in build_request_kwargs. This value is overwritten with the flow content and should not "
                "be set directly",
                RuntimeWarning,
                stacklevel=3,
            )
        self.logger.info("Uploading flow %r", flow_name)
        self._send(f"store the flow {flow_name!r}", self.build_request_http_method, {**kwargs, "data": content})
        self.logger.info("Successfully uploaded flow %r", flow_name)

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, as the service answers it; FlowStorageError where it does not."""
        from prefect.utilities.storage import extract_flow_from_file, flow_from_bytes_pickle

        self._location_of(flow_name)
        content = self._send(
            f"load the flow {flow_name!r}", self.get_flow_request_http_method, self.get_flow_request_kwargs
        )
        if self.stored_as_script:
            return extract_flow_from_file(file_contents=content, flow_name=flow_name)
        return flow_from_bytes_pickle(content)

    def _send(self, wish: str, method: str, kwargs: Mapping[str, Any]) -> bytes:
        import requests

        url = kwargs.get("url")
        if not isinstance(url, str):
            raise ValueError(f"Webhook storage cannot {wish}: the arguments of its request have no `url`.")
        filled = {name: value if name == "data" else _filled_in(value) for name, value in kwargs.items()}
        filled.setdefault("timeout", TIMEOUT_SECONDS)
        try:
            response = requests.request(method, **filled)
        except requests.RequestException as error:
            # The error itself shows the address with everything that was filled in.
            raise FlowStorageError(
                f"Webhook storage cannot {wish}: {method} {url} failed ({type(error).__name__}). Check the address and "
                "whether the service is up."
            ) from None
        if not response.ok:
            raise FlowStorageError(
                f"Webhook storage cannot {wish}: {method} {url} was answered with {response.status_code} "
                f"{response.reason}."
            )
        content: bytes = response.content
        return content


class _Names(dict[str, Any]):
    """What names in templates stand for: an environment variable, or else a secret."""

    def __missing__(self, name: str) -> Any:
        if name in os.environ:
            return os.environ[name]
        from prefect.client.secrets import Secret

        try:
            return Secret(name).get()
        except (ValueError, KeyError) as error:
            raise RuntimeError(
                f"Template value {name!r} does not refer to an environment variable or Prefect secret."
            ) from error


def _filled_in(value: Any) -> Any:
    """A value with the names in all text within it filled in; keys are left as they are."""
    if isinstance(value, str):
        try:
            return Template(value).substitute(_Names())
        except ValueError as error:
            raise ValueError(f"{error} {value!r}: a dollar sign that begins no name is written `$$`.") from None
    if isinstance(value, dict):
        return {key: _filled_in(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_filled_in(item) for item in value)
    return value
