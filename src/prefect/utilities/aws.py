"""Connections to AWS; needs boto3."""

from typing import Any


def get_boto_client(
    resource: str,
    credentials: dict[str, Any] | None = None,
    region_name: str | None = None,
    profile_name: str | None = None,
    **kwargs: Any,
) -> Any:
    """A boto3 client of `resource`, such as "s3".

    Without `credentials` (keys ACCESS_KEY, SECRET_ACCESS_KEY and, optionally, SESSION_TOKEN), those in the context's
    secret AWS_CREDENTIALS are used, or what boto3 finds on this machine.
    """
    import importlib

    from prefect.utilities.context import context

    if credentials is None and not any(name in kwargs for name in ("aws_access_key_id", "aws_session_token")):
        credentials = (context.get("secrets") or {}).get("AWS_CREDENTIALS")
    if credentials:
        kwargs.setdefault("aws_access_key_id", credentials["ACCESS_KEY"])
        kwargs.setdefault("aws_secret_access_key", credentials["SECRET_ACCESS_KEY"])
        kwargs.setdefault("aws_session_token", credentials.get("SESSION_TOKEN"))
    # A session of its own for each client: boto3's sessions are not made for several threads.
    session = importlib.import_module("boto3").session.Session(profile_name=profile_name, region_name=region_name)
    return session.client(resource, **kwargs)
