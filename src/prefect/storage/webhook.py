"""A flow behind two HTTP requests: one that uploads it, one that fetches it."""

from __future__ import annotations

from typing import Any

from prefect.storage.remote import RemoteStorage

METHODS = ("GET", "PATCH", "POST", "PUT")


class Webhook(RemoteStorage):
    """Where a flow is behind an HTTP service.

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
                raise RuntimeError(f"HTTP method {method!r} not recognized")
        self.build_request_kwargs = build_request_kwargs
        self.build_request_http_method = build_request_http_method
        self.get_flow_request_kwargs = get_flow_request_kwargs
        self.get_flow_request_http_method = get_flow_request_http_method
        self.flow_script_path = flow_script_path
        super().__init__(stored_as_script=stored_as_script, **kwargs)
