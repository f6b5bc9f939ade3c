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
    from prefect.utilities.importtools import import_optional

    boto3 = import_optional("boto3", "aws", f"The AWS service {resource!r}")
    options = with_credentials({**kwargs, "credentials": credentials})
    # A session of its own for each client: boto3's sessions are not made for several threads.
    session = boto3.session.Session(profile_name=profile_name, region_name=region_name)
    return session.client(resource, **options)


def with_credentials(options: dict[str, Any]) -> dict[str, Any]:
    """These options of boto3 with the keys to use.

    In order: keys among the options, those in `credentials` among them, those in the context's secret AWS_CREDENTIALS.
    None of these leaves it to boto3 to look on this machine.
    """
    from prefect.utilities.context import context

    credentials = options.pop("credentials", None)
    if credentials is None and not any(options.get(name) for name in ("aws_access_key_id", "aws_session_token")):
        credentials = (context.get("secrets") or {}).get("AWS_CREDENTIALS")
    if not credentials:
        return options
    if isinstance(credentials, str):
        import json

        credentials = json.loads(credentials)
    try:
        options.setdefault("aws_access_key_id", credentials["ACCESS_KEY"])
        options.setdefault("aws_secret_access_key", credentials["SECRET_ACCESS_KEY"])
    except KeyError as error:
        raise ValueError(
            f"AWS credentials need ACCESS_KEY and SECRET_ACCESS_KEY, and {error} is not among those given."
        ) from None
    options.setdefault("aws_session_token", credentials.get("SESSION_TOKEN"))
    return options
