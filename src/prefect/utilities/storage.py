"""Getting flows out of files, modules and pickles, and into pickles."""

import base64
import importlib
import json
import sys
from typing import TYPE_CHECKING, Any

from prefect.exceptions import FlowStorageError
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    from prefect.core.flow import Flow

# What `__name__` is while a flow's file runs: neither "__main__", which would start what the file guards with it,
# nor a module that could be imported, so that functions of the file are pickled with their code.
LOADED_FILE = "__prefect_loader__"


def get_flow_image(flow: "Flow") -> str:
    """The Docker image that runs `flow`, by its run config or else by its storage."""
    image = getattr(flow.run_config, "image", None)
    if image is not None:
        return str(image)
    if type(flow.storage).__name__ == "Docker":
        name: str = flow.storage.name  # type: ignore[union-attr]
        return name
    raise ValueError(f"The flow {flow.name!r} names no Docker image, neither in its storage nor in its run config.")


def extract_flow_from_file(
    file_path: str | None = None, file_contents: str | bytes | None = None, flow_name: str | None = None
) -> "Flow":
    """The flow called `flow_name`, or the first one, that running a Python file leaves in its namespace.

    Of several flows of the same name it is the last. ValueError where there is no such flow; what running the file
    raises is not caught.
    """
    from prefect.core.flow import Flow

    namespace: dict[str, Any] = {"__name__": LOADED_FILE}
    if file_path is not None:
        if file_contents is not None:
            raise ValueError("Provide either `file_path` or `file_contents` but not both.")
        with open(file_path, "rb") as file:
            file_contents = file.read()
        namespace["__file__"] = file_path
    elif file_contents is None:
        raise ValueError("Provide either `file_path` or `file_contents`.")
    elif not isinstance(file_contents, str | bytes):
        raise TypeError(f"`file_contents` must be string or bytes, not {type(file_contents).__name__}.")

    exec(compile(file_contents, file_path or "<string>", "exec"), namespace)

    flows: dict[str, Flow] = {}
    for value in namespace.values():
        if isinstance(value, Flow):
            flows[value.name] = value
    if not flows:
        raise ValueError("No flows found in file.")
    if flow_name is None:
        return next(iter(flows.values()))
    if flow_name not in flows:
        found = "\n".join(f"- {name!r}" for name in sorted(flows))
        raise ValueError(f"Flow {flow_name!r} not found in file. Found flows:\n{found}")
    return flows[flow_name]


def extract_flow_from_module(module_str: str, flow_name: str | None = None) -> "Flow":
    """The flow of a module: `package.module:attribute`, or the one, called `flow_name` where given, that it holds."""
    from prefect.core.flow import Flow

    module_name, _, attribute = module_str.partition(":")
    module = importlib.import_module(module_name)

    if attribute:
        found: Any = module
        for name in attribute.split("."):
            found = getattr(found, name, None)
        if found is None:
            raise ValueError(f"Failed to find flow at {module_str!r}")
        # `module:make_flow` may name a function that builds the flow.
        if callable(found) and not isinstance(found, Flow):
            found = found()
        if not isinstance(found, Flow):
            raise TypeError(f"Object at {module_str!r} is a {type(found)} not a `prefect.Flow`")
        if flow_name is not None and found.name != flow_name:
            raise ValueError(f"Flow at {module_str!r} is named {found.name!r}, expected {flow_name!r}")
        return found

    flows = {value.name: value for value in vars(module).values() if isinstance(value, Flow)}
    if flow_name is not None:
        if flow_name not in flows:
            raise ValueError(f"Failed to find flow {flow_name!r} in {module_str!r}")
        return flows[flow_name]
    if not flows:
        raise ValueError(f"No flows found in {module_str!r}")
    if len(flows) > 1:
        raise ValueError(f"Multiple flows found in {module_str!r}, please provide `flow_name` to select one.")
    return next(iter(flows.values()))


def _versions() -> dict[str, str]:
    import cloudpickle

    return {
        "prefect": VERSION,
        "cloudpickle": cloudpickle.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def flow_to_bytes_pickle(flow: "Flow") -> bytes:
    """`flow` as bytes, in the form of 1.x: JSON with its pickle and the versions that wrote it."""
    import cloudpickle

    # The versions must be readable where the flow is not.
    pickled = base64.b64encode(cloudpickle.dumps(flow, protocol=4)).decode()
    return json.dumps({"flow": pickled, "versions": _versions()}).encode()


def flow_from_bytes_pickle(data: bytes) -> "Flow":
    """The flow of these bytes; FlowStorageError, naming versions that differ, where it cannot be loaded."""
    import pickle

    written: dict[str, str] = {}
    try:
        pickled = data
        if data[:1] == b"{":
            content = json.loads(data)
            written = content.get("versions", {})
            pickled = base64.b64decode(content["flow"])
        # Bytes without an envelope are those of early releases.
        flow: Flow = pickle.loads(pickled)
    except Exception as error:
        raise FlowStorageError(_explain(error, written)) from error
    return flow


def _explain(error: Exception, written: dict[str, str]) -> str:
    lines = [f"An error occurred while unpickling the flow:\n  {error!r}"]
    here = _versions()
    differing = [name for name in here if name in written and written[name] != here[name]]
    if differing:
        lines.append(
            "This may be due to one of the following version mismatches between the flow build and execution "
            "environments:"
        )
        lines += [
            f"  - {name}: (flow built with {written[name]!r}, currently running with {here[name]!r})"
            for name in differing
        ]
    if isinstance(error, ImportError):
        lines.append(
            "This also may be due to a missing Python module in your current environment. Please ensure you have all "
            "required flow dependencies installed."
        )
    return "\n".join(lines)
