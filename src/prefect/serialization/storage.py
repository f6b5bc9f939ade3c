"""Storages on the wire: where a flow's code is, never the code."""

from __future__ import annotations

from typing import Any

from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.fields import json_value
from prefect.serialization.schemas import Schema, mapping_of, type_of
from prefect.storage.base import Storage

# The fields of each kind besides `flows` and `secrets`.
_FIELDS: dict[str, tuple[str, ...]] = {
    "Azure": ("container", "blob_name", "connection_string_secret", "stored_as_script"),
    "Bitbucket": (
        "project",
        "repo",
        "workspace",
        "host",
        "path",
        "ref",
        "access_token_secret",
        "cloud_username_secret",
        "cloud_app_password_secret",
    ),
    "CodeCommit": ("repo", "path", "commit", "client_options"),
    "Docker": ("registry_url", "image_name", "image_tag", "path", "prefect_version", "stored_as_script"),
    "GCS": ("bucket", "key", "project", "stored_as_script"),
    "Git": (
        "flow_path",
        "repo",
        "repo_host",
        "flow_name",
        "git_token_secret_name",
        "git_token_username",
        "git_clone_url_secret_name",
        "branch_name",
        "tag",
        "commit",
        "clone_depth",
        "use_ssh",
        "format_access_token",
    ),
    "GitHub": ("repo", "path", "ref", "access_token_secret", "base_url"),
    "GitLab": ("repo", "host", "path", "ref", "access_token_secret"),
    "Local": ("directory", "path", "stored_as_script"),
    "Module": ("module",),
    "S3": ("bucket", "key", "client_options", "stored_as_script"),
    "Webhook": (
        "build_request_kwargs",
        "build_request_http_method",
        "get_flow_request_kwargs",
        "get_flow_request_http_method",
        "stored_as_script",
    ),
}


def dump_storage(storage: Storage) -> dict[str, Any]:
    """A storage as JSON values; a subclass is written as the kind that it extends."""
    for kind in type(storage).__mro__:
        if kind.__name__ in _FIELDS and kind.__module__.startswith("prefect.storage."):
            break
    else:
        raise ValidationError(f"A {type(storage).__name__} has no place on the wire: use one of {sorted(_FIELDS)}.")
    name = kind.__name__
    dumped = {
        field: json_value(getattr(storage, field), f"{field} of {name} storage")
        for field in ("flows", "secrets", *_FIELDS[name])
    }
    dumped["__version__"] = versioned.current
    dumped["type"] = name
    return dumped


def load_storage(data: Any) -> Storage:
    """The storage that the data describes; nothing is looked for where it points to."""
    import prefect.storage as storages

    data = mapping_of(data, "storage")
    name = type_of(data, "storage")
    fields = _FIELDS.get(name)
    if fields is None:
        raise ValidationError(f"Unsupported value: {name} is no kind of storage; known are {sorted(_FIELDS)}.")
    given = {
        field: json_value(data[field], f"{field} of {name} storage")
        for field in ("secrets", *fields)
        if data.get(field) is not None
    }
    if name == "Local":
        # The directory is on the machine that stored the flow, which need not be this one.
        given["validate"] = False
    try:
        storage: Storage = getattr(storages, name)(**given)
    except TypeError as error:
        raise ValidationError(f"A {name} storage cannot be made from {sorted(given)}: {error}.") from error
    flows = data.get("flows")
    if flows is not None:
        storage.flows = dict(mapping_of(flows, f"flows of {name} storage"))
    return storage


class StorageSchema(Schema):
    """Any storage, told apart by `type`."""

    __slots__ = ()
    dump_one = staticmethod(dump_storage)
    load_one = staticmethod(load_storage)
