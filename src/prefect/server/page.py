"""The page: which file a browser gets for an address, and under which rules it shows it.

The files are built from `ui/` into `server/ui` and lie in the package. Pure but for reading them.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

BUILT: Final = Path(__file__).parent / "ui"

_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Packed already.
_DENSE: Final = (".png", ".woff2", ".ico")

# The names of these carry a digest of what they hold.
_HASHED: Final = "/assets/"

# Scripts come from here alone and never from the text of a document. Styles may be written into it: the components
# compute some, and a style can neither ask nor send anything under the rules beside it.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Quaestor: the page is not built</title>
<body style="font: 16px/1.5 sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1 style="font-size: 1.4em">The page is not built here</h1>
<p>This server runs from a checkout in which the page was not built. In the checkout, run</p>
<pre style="background: #eee; padding: 1em">make ui</pre>
<p>and load this address again. It fetches packages, so it needs a network. A wheel that was built from the
checkout has the page inside.</p>
<p>The API works all the same: at <code>/graphql</code>, and on the command line by <code>prefect graphql</code>.</p>
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser gets. `packed` is the body as gzip, where that is shorter."""

    status: int
    kind: str
    body: bytes
    packed: bytes | None = None
    tag: str = ""
    cache: str = "no-cache"

    def headers(self) -> dict[str, str]:
        """Every header but those that depend on the request."""
        tagged = {"etag": self.tag} if self.tag else {}
        return {"content-type": self.kind, "cache-control": self.cache, **tagged, **HEADERS}


def is_for_people(method: str, path: str, query: bytes, accept: str | None) -> bool:
    """Whether a request wants the page or one of its files, and not an answer of the API.

    Questions by GET have a parameter `query`, which addresses of the page therefore never have.
    """
    if method not in ("GET", "HEAD"):
        return False
    if is_file(path):
        return True
    if any(part.partition(b"=")[0] == b"query" for part in query.split(b"&")):
        return False
    return path not in ("/graphql", "/graphql/") and "text/html" in (accept or "")


def is_file(path: str) -> bool:
    """Whether an address can only mean a file of the page."""
    return path.startswith(_HASHED) or path == "/favicon.svg"


def answer(path: str, place: Path = BUILT) -> Answer:
    """What there is at an address: a file, or the document that shows whatever the address names."""
    if is_file(path):
        # Names as the build makes them: no address leads out of the folder.
        if not re.fullmatch(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+", path):
            return _no_file(path)
        file = place / path[1:]
        found = _read(file, _modified(file))
        return found or _no_file(path)
    document = place / "index.html"
    return _read(document, _modified(document)) or Answer(503, _KINDS[".html"], _NOT_BUILT.encode())


def _no_file(path: str) -> Answer:
    return Answer(404, _KINDS[".txt"], b"There is no such file. A newer version may have replaced it: load again.\n")


def _modified(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=256)
def _read(file: Path, modified: int) -> Answer | None:
    """A file; `modified` makes one that was built anew another one."""
    if not modified or not file.is_file():
        return None
    body = file.read_bytes()
    packed = None if file.suffix in _DENSE else gzip.compress(body, 9, mtime=0)
    hashed = file.parent.name == "assets"
    return Answer(
        200,
        _KINDS.get(file.suffix, "application/octet-stream"),
        body,
        packed if packed is not None and len(packed) < len(body) else None,
        f'"{modified:x}-{len(body):x}"',
        "public, max-age=31536000, immutable" if hashed else "no-cache",
    )
