"""Text for places that take only some characters."""

import re
import unicodedata

_OTHER_CHARACTERS = re.compile(r"[^a-z0-9]+")


def slugify(text: str) -> str:
    """`text` in lower-case letters, digits and single hyphens: for file names and addresses."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _OTHER_CHARACTERS.sub("-", plain.replace("'", "")).strip("-")
