"""Connections to Google Cloud; needs the google-cloud client of the service asked for."""

from typing import Any


def get_google_client(submodule: str, credentials: dict[str, Any] | None = None, project: str | None = None) -> Any:
    """The `Client` of `google.cloud.<submodule>`.

    Without `credentials` (the content of a service account file), those in the context's secret GCP_CREDENTIALS are
    used, or what the Google library finds on this machine.
    """
    from prefect.utilities.importtools import import_optional

    service = f"google.cloud.{submodule}"
    purpose = f"A client of {service}"
    client = import_optional(service, "gcp", purpose).Client
    credentials = credentials or credentials_in_context()
    if credentials is None:
        return client(project=project)
    service_account = import_optional("google.oauth2.service_account", "gcp", purpose)
    loaded = service_account.Credentials.from_service_account_info(dict(credentials))
    return client(project=project or loaded.project_id, credentials=loaded)


def get_storage_client(credentials: dict[str, Any] | None = None, project: str | None = None) -> Any:
    """A client of Google Cloud Storage."""
    return get_google_client("storage", credentials=credentials, project=project)


def get_bigquery_client(credentials: dict[str, Any] | None = None, project: str | None = None) -> Any:
    """A client of BigQuery."""
    return get_google_client("bigquery", credentials=credentials, project=project)


def credentials_in_context() -> dict[str, Any] | None:
    """The content of the service account file in the context's secret GCP_CREDENTIALS, if there is one."""
    from prefect.utilities.context import context

    credentials = (context.get("secrets") or {}).get("GCP_CREDENTIALS")
    if isinstance(credentials, str):
        import json

        credentials = json.loads(credentials)
    return None if credentials is None else dict(credentials)
