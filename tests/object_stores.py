"""Object stores in this process: fsspec's own store in memory stands in for each vendor's class."""

from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class Stores:
    """What was asked for: the options of each connection and of each write, by fsspec's name of the protocol."""

    options: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    writes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # Raised by every request, where set.
    refusal: Exception | None = None


def in_memory(monkeypatch: pytest.MonkeyPatch) -> Stores:
    """The stores, for the length of a test."""
    fsspec = pytest.importorskip("fsspec")
    from fsspec.implementations.memory import MemoryFileSystem

    stores = Stores()
    classes: dict[str, type] = {}

    def kind(protocol: str) -> type:
        if protocol in classes:
            return classes[protocol]

        class InMemory(MemoryFileSystem):  # type: ignore[misc]
            store: dict[str, Any] = {}
            pseudo_dirs = [""]
            cachable = False

            def __init__(self, **options: Any) -> None:
                assert options.pop("use_listings_cache") is False
                stores.options.setdefault(protocol, []).append(options)
                super().__init__()

            def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
                self._refuse()
                stores.writes.setdefault(protocol, []).append(options)
                super().pipe_file(path, value, mode=mode)

            def cat_file(self, path: str, **options: Any) -> Any:
                self._refuse()
                return super().cat_file(path, **options)

            def info(self, path: str, **options: Any) -> Any:
                self._refuse()
                return super().info(path, **options)

            def _refuse(self) -> None:
                if stores.refusal is not None:
                    raise stores.refusal

        classes[protocol] = InMemory
        return InMemory

    monkeypatch.setattr(fsspec, "get_filesystem_class", kind)
    return stores
