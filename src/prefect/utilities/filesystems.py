"""Files named by a path or a URL."""

import os
import re
from typing import NamedTuple
from urllib.parse import urlsplit


class ParsedPath(NamedTuple):
    """A path in its parts; `scheme` is "file" for one of this machine."""

    scheme: str
    netloc: str
    path: str


def parse_path(path: str) -> ParsedPath:
    """The parts of a path or URL."""
    if os.name == "nt" and re.match(r"[A-Za-z]:[\\/]", path):
        return ParsedPath("file", "", path)
    parsed = urlsplit(path)
    return ParsedPath(parsed.scheme or "file", parsed.netloc, parsed.path)


def read_bytes_from_path(path: str) -> bytes:
    """The content of a file here (no scheme, `file` or `agent`), on the web, or in a bucket (`s3`, `gcs`, `gs`)."""
    parsed = parse_path(path)
    if parsed.scheme in ("file", "agent"):
        with open(parsed.path, "rb") as file:
            return file.read()
    if parsed.scheme in ("http", "https"):
        import requests

        response = requests.get(path, timeout=60)
        response.raise_for_status()
        return response.content
    if parsed.scheme in ("gcs", "gs", "s3"):
        from prefect.utilities.buckets import read_url

        return read_url(parsed.scheme, parsed.netloc, parsed.path.lstrip("/"))
    raise ValueError(f"Unsupported file scheme {path}")
