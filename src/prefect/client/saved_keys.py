"""The keys that somebody has logged in with, by server: `auth.toml` in the home directory, for its owner alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from prefect.configuration import config
from prefect.exceptions import ClientError

# The key of one tenant, beside the one that is used.
_KEY_OF = "api_key_of_"


class SavedKeys:
    """The keys of one server: the one that is used, with its tenant, and one for each tenant to switch to."""

    def __init__(self, api_server: str) -> None:
        self.path = os.path.join(os.path.expanduser(config.home_dir), "auth.toml")
        self.section = re.sub(r"[^a-z0-9.]+", "-", (urlsplit(api_server).netloc or api_server).lower())

    def read(self) -> dict[str, str]:
        """What is saved of the server, as it stands in the file; empty where nothing is."""
        return dict(self._all_servers().get(self.section, {}))

    def by_tenant(self) -> dict[str, str]:
        """The keys by the id of their tenant."""
        saved = self.read()
        found = {name.removeprefix(_KEY_OF): key for name, key in saved.items() if name.startswith(_KEY_OF)}
        if saved.get("api_key") and saved.get("tenant_id"):
            found[saved["tenant_id"]] = saved["api_key"]
        return found

    def keep(self, api_key: str | None, tenant_id: str | None) -> None:
        """Use this key from now on; the keys of other tenants stay."""
        servers = self._all_servers()
        kept = {name: value for name, value in servers.get(self.section, {}).items() if name.startswith(_KEY_OF)}
        if api_key and tenant_id:
            kept[f"{_KEY_OF}{tenant_id}"] = api_key
        servers[self.section] = {"api_key": api_key or "", "tenant_id": tenant_id or "", **kept}
        self._write(servers)

    def forget(self, tenant_id: str | None = None) -> bool:
        """Keep no key of this server any more, or not that of one tenant; False where there was none."""
        servers = self._all_servers()
        section = servers.get(self.section)
        if not section:
            return False
        if tenant_id is None:
            del servers[self.section]
        else:
            section.pop(f"{_KEY_OF}{tenant_id}", None)
            if section.get("tenant_id") == tenant_id:
                section.update(api_key="", tenant_id="")
        self._write(servers)
        return True

    def _all_servers(self) -> dict[str, dict[str, str]]:
        import tomllib

        try:
            with open(self.path, "rb") as file:
                found: dict[str, Any] = tomllib.load(file)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise ClientError(f"{self.path} cannot be read: {error.strerror}. Check `home_dir`.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ClientError(f"{self.path} is not valid TOML ({error}). Correct it, or move it away.") from None
        return found

    def _write(self, servers: Mapping[str, Mapping[str, str]]) -> None:
        lines = ["# Written by prefect; keys are better changed by logging in again.", ""]
        for section, values in servers.items():
            lines.append(f"[{msgspec.json.encode(section).decode()}]")
            lines += [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in values.items()]
            lines.append("")
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        # Written beside it and put in its place: whoever reads meanwhile finds the whole file, and so does who comes
        # after a crash.
        beside = f"{self.path}.{os.getpid()}"
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        os.replace(beside, self.path)
