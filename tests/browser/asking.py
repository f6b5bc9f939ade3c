"""What browser tests ask the API of the server beside the page, as somebody else would."""

from __future__ import annotations

import json
from typing import Any

from tests.serving import Serving


def ask(site: Serving, document: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer."""
    answer = json.loads(site.served.endpoint.reply(document, variables, None, {}).body)
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def make_run(site: Serving, flow: str, **values: Any) -> str:
    """A new run of the newest version of a flow; its id."""
    flows = ask(
        site,
        "query($name: String!) { flow(where: {name: {_eq: $name}}, order_by: [{version: desc}], limit: 1) { id } }",
        name=flow,
    )["flow"]
    made = ask(
        site,
        "mutation($input: create_flow_run_input!) { create_flow_run(input: $input) { id } }",
        input={"flow_id": flows[0]["id"], **values},
    )
    id: str = made["create_flow_run"]["id"]
    return id
