"""Whether flows kept in an image run there; the last step of building one.

`python -m prefect.storage.healthcheck '{"flows": {"name": "/path"}, "python": [3, 12], "script": false}'`
"""

from __future__ import annotations

import json
import sys
from typing import Any


def check(wanted: dict[str, Any]) -> list[str]:
    """What is wrong, one sentence each."""
    from prefect.utilities.storage import extract_flow_from_file, flow_from_bytes_pickle

    wrong = []
    here = list(sys.version_info[:2])
    if not wanted["script"] and here != wanted["python"]:
        wrong.append(
            f"The flows were pickled by Python {_dotted(wanted['python'])}, and the image has {_dotted(here)}: "
            "choose a base image with the same Python, or keep the flows as scripts."
        )
    for name, path in wanted["flows"].items():
        try:
            if wanted["script"]:
                flow = extract_flow_from_file(file_path=path, flow_name=name)
            else:
                with open(path, "rb") as file:
                    flow = flow_from_bytes_pickle(file.read())
            flow.validate()
        except Exception as error:  # noqa: BLE001 - whatever a user's file raises is told, and fails the build
            wrong.append(
                f"The flow {name!r} cannot be loaded from {path} in the image: {type(error).__name__}: {error}"
            )
    return wrong


def _dotted(version: list[int]) -> str:
    return ".".join(map(str, version))


def main() -> int:
    """Check what the only argument describes."""
    wrong = check(json.loads(sys.argv[1]))
    print("\n".join(wrong) or "All flows of this image can be loaded.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
