"""`prefect graphql '<query>'`: ask anything."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from prefect.cli.output import fail


@click.command()
@click.argument("query", required=False)
@click.option("--file", "-f", "path", type=click.Path(), help="A file that holds the query; - for standard input.")
@click.option("--variables", "-v", help="The variables, as a JSON object.")
@click.option("--compact", is_flag=True, help="Print the answer on one line.")
@click.option("--schema", is_flag=True, help="Print what can be asked, in the schema definition language.")
def graphql(query: str | None, path: str | None, variables: str | None, compact: bool, schema: bool) -> None:
    """Answer a GraphQL query, given as an argument, in a file, or on standard input."""
    if schema:
        from prefect.server import endpoint
        from prefect.server.graphql.schema import print_schema

        click.echo(print_schema(endpoint.schema()), nl=False)
        return
    from prefect.client.client import Client

    document = _document(query, path)
    values = _variables(variables)
    answer = Client().graphql_fast(document, values)
    click.echo(json.dumps({"data": answer}, indent=None if compact else 2, ensure_ascii=False))


def _document(query: str | None, path: str | None) -> str:
    if query is not None and path is not None:
        fail("Give the query as an argument or with --file, not both.")
    if query is not None and query != "-":
        return query
    if path is not None and path != "-":
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except OSError as error:
            fail(f"The query cannot be read from {path}: {error.strerror}.")
        except UnicodeDecodeError as error:
            fail(f"The query cannot be read from {path}: it is not UTF-8 ({error.reason}).")
    if query is None and path is None and sys.stdin.isatty():
        fail("Give a query: prefect graphql 'query { flow_run(limit: 3) { id name state } }'")
    return sys.stdin.read()


def _variables(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        values = json.loads(text)
    except ValueError as error:
        fail(f"--variables is not JSON: {error}.")
    if not isinstance(values, dict):
        fail("--variables must be a JSON object.")
    return values
