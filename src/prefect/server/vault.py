"""Values encrypted with a key that is not in the database.

The key is the setting `server.secrets.key`, or else lies in a file of mode 0600 beside a database file, made when the
first secret is kept. Whoever has only the database, or a backup of it, reads nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prefect.server.errors import SecretsUnavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from prefect.server.store.interface import Store

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
# AES-256-GCM, a fresh nonce before the text. Another method would get another number.
_METHOD: Final = "1."
_HOW_TO_MAKE_ONE: Final = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"


class Vault:
    """Seals texts and opens them again.

    Args:
        key_file: where the key may lie and is put when there is none; None where only the setting can name one.
    """

    def __init__(self, key_file: Path | None) -> None:
        self.key_file = key_file

    @classmethod
    def beside(cls, store: Store) -> Vault:
        """The vault of a database."""
        return cls(Path(f"{store.place}-key") if store.kind == "sqlite" else None)

    def seal(self, text: str, owner: str, *, first: bool) -> str:
        """The text, encrypted, for this owner alone. `first` says that nothing has been sealed before.

        Raises:
            SecretsUnavailable: there is no key, or nothing to encrypt with.
        """
        cipher = _cipher(self._key(may_make=first))
        nonce = os.urandom(_NONCE_BYTES)
        return _METHOD + base64.b64encode(nonce + cipher.encrypt(nonce, text.encode(), owner.encode())).decode()

    def open(self, sealed: str, owner: str) -> str:
        """What was sealed for this owner.

        Raises:
            SecretsUnavailable: there is no key, or another one than it was sealed with.
        """
        cipher = _cipher(self._key(may_make=False))
        from cryptography.exceptions import InvalidTag

        try:
            data = base64.b64decode(sealed.removeprefix(_METHOD), validate=True)
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], owner.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise SecretsUnavailable(
                f"The secret cannot be read: it was kept with another key than the one {self._where()}. Bring that key "
                "back, or set the secret again."
            ) from None

    def _where(self) -> str:
        if _configured() or self.key_file is None:
            return "in the setting server.secrets.key"
        return f"in the file {self.key_file.name}"

    def _key(self, *, may_make: bool) -> bytes:
        configured = _configured()
        if configured:
            return _decoded(configured, "The setting server.secrets.key")
        if self.key_file is None:
            raise SecretsUnavailable(
                "Secrets need a key to be encrypted with: set server.secrets.key (PREFECT__SERVER__SECRETS__KEY) for "
                f"every server of this database. This makes one: {_HOW_TO_MAKE_ONE}"
            )
        try:
            return self._read(self.key_file)
        except FileNotFoundError:
            if may_make:
                return self._make(self.key_file)
            raise SecretsUnavailable(
                f"The key of the secrets in this database is gone: there is no {self.key_file.name} beside it, and the "
                "setting server.secrets.key is empty. Bring the key back; without it the secrets cannot be read, only "
                "set again after they are deleted."
            ) from None

    def _read(self, path: Path) -> bytes:
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if os.name == "posix" and mode & 0o077:
                    raise SecretsUnavailable(
                        f"Others on this machine can read {path.name}, the key of the secrets (mode {mode:o}). Take "
                        "that from them (chmod 600), and think about whether somebody did."
                    )
                return _decoded(file.read(), f"The file {path.name}")
        except PermissionError:
            raise SecretsUnavailable(f"The server may not read {path.name}, the key of the secrets.") from None

    def _make(self, path: Path) -> bytes:
        """A new key, whole or not there at all; one that another process made meanwhile is taken instead."""
        key = os.urandom(KEY_BYTES)
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(base64.urlsafe_b64encode(key).decode() + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                os.link(name, path)
            finally:
                os.unlink(name)
        except FileExistsError:
            return self._read(path)
        except OSError as error:
            raise SecretsUnavailable(
                f"The key of the secrets cannot be written to {path.name}: {error.strerror}. Set server.secrets.key "
                f"instead; this makes one: {_HOW_TO_MAKE_ONE}"
            ) from None
        return key


def _configured() -> str:
    from prefect.configuration import config

    return str(config.server.secrets.key or "").strip()


def _decoded(text: str, where: str) -> bytes:
    text = text.strip().replace("+", "-").replace("/", "_").rstrip("=")
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SecretsUnavailable(
            f"{where} must be {KEY_BYTES} random bytes in base64, and is not. This makes a key: {_HOW_TO_MAKE_ONE}"
        )
    return key


def _cipher(key: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise SecretsUnavailable(
            "Secrets are kept encrypted, which needs the package cryptography: pip install 'quaestor[server]'."
        ) from None
    return AESGCM(key)
