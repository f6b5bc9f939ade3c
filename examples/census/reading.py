"""What one module file holds. Knows nothing of flows: ordinary Python, as a task's work should be."""

import ast
import sys
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# The parser remarks on old escapes and the like; the census counts, it does not judge.
warnings.filterwarnings("ignore", category=SyntaxWarning)
warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"<unknown>|.*lib/python.*")


@dataclass(frozen=True)
class Function:
    """A function and how many lines it spans, decorators left out."""

    name: str
    module: str
    lines: int


@dataclass(frozen=True)
class Tally:
    """Counts for a module, a package or the whole library; they add up."""

    name: str
    modules: int
    lines: int
    functions: int
    classes: int
    imports: int
    longest: Function | None

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]


def standard_library() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def module_files(root: Path) -> list[Path]:
    """Every module file below `root`, installed third-party packages left out, in a stable order."""
    return sorted(path for path in root.rglob("*.py") if not {"site-packages", "dist-packages"} & set(path.parts))


def files_that_are_no_modules(root: Path) -> list[Path]:
    """A compiled extension and a text file, where the library has them."""
    extensions = sorted(root.rglob(f"*{sysconfig.get_config_var('EXT_SUFFIX') or '.so'}"))
    texts = sorted(root.rglob("*.txt"))
    found = [*extensions[:1], *texts[:1]]
    # An interpreter may be built without either; it always has itself, which is no module.
    return found or [Path(sys.executable).resolve()]


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts if path.is_relative_to(root) else (path.stem,)
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement below `tree`. Expressions are not entered, which makes this ten times faster than ast.walk."""
    pending = [tree]
    while pending:
        node = pending.pop()
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            children = getattr(node, field, None)
            if isinstance(children, list):
                pending += children
                yield from children


def read(path: Path, root: Path) -> Tally:
    """The tally of one file; raises SyntaxError or ValueError where it is no Python."""
    source = path.read_bytes()
    kinds: Counter[str] = Counter()
    longest: Function | None = None
    name = module_name(path, root)
    for node in statements(ast.parse(source, str(path))):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                kinds["functions"] += 1
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if longest is None or lines > longest.lines:
                    longest = Function(node.name, name, lines)
            case ast.ClassDef():
                kinds["classes"] += 1
            case ast.Import() | ast.ImportFrom():
                kinds["imports"] += 1
    return Tally(
        name=name,
        modules=1,
        lines=source.count(b"\n") + (not source.endswith(b"\n") and bool(source)),
        functions=kinds["functions"],
        classes=kinds["classes"],
        imports=kinds["imports"],
        longest=longest,
    )


def add_up(name: str, tallies: Sequence[Tally]) -> Tally:
    longest = max((t.longest for t in tallies if t.longest), key=lambda f: f.lines, default=None)
    return Tally(
        name=name,
        modules=sum(t.modules for t in tallies),
        lines=sum(t.lines for t in tallies),
        functions=sum(t.functions for t in tallies),
        classes=sum(t.classes for t in tallies),
        imports=sum(t.imports for t in tallies),
        longest=longest,
    )


def by_package(tallies: Iterable[Tally]) -> list[list[Tally]]:
    """Modules grouped by the package that holds them; modules outside of any package are one group each."""
    groups: dict[str, list[Tally]] = {}
    for tally in tallies:
        groups.setdefault(tally.package, []).append(tally)
    return [groups[name] for name in sorted(groups)]
