"""Which source files decide what an estimator answers, as one hash: the plug-in and all of `pitwall.ml` that it imports.

Of a plug-in from outside the package: its file, all of its own package that it imports, and of `pitwall.ml` the same.

The imports are read from the source, not from memory, so that nothing has to be loaded. A plug-in that asks discovery
for other estimators depends on every plug-in; one that does not depends on its own file and the shared machinery.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

from pitwall.domain.plugins import outside
from pitwall.domain.plugins.provenance import module_of
from pitwall.ml.estimators import Estimator

PACKAGE = "pitwall.ml"
DISCOVERY = "pitwall.ml.estimators"
ALWAYS = (
    "pitwall.ml.backtest.fold",
    "pitwall.ml.rows.machinery.race_blocks",
    "pitwall.ml.training.splits",
    "pitwall.ml.families.order.plackett_luce",
)
SHALLOW = frozenset(ALWAYS[:1])  # the fold itself: its own bytes count, what it imports to score does not


def source_hash(plugin: Estimator) -> str:
    """Return a sha256 over the files that an estimator's answers depend on."""
    digest = hashlib.sha256()
    for name in sorted(_closure([type(plugin).__module__, _home(plugin), *ALWAYS])):
        digest.update(name.encode() + b"\0" + _read(name))
    return digest.hexdigest()


def _home(plugin: Estimator) -> str:
    """Return the plug-in's own module, which may hold no class at all but only an instance of a shared one."""
    return module_of(plugin) or next(
        (
            name
            for name, module in list(sys.modules.items())
            if name.startswith(DISCOVERY + ".") and getattr(module, "ESTIMATOR", None) is plugin
        ),
        type(plugin).__module__,
    )


def _closure(start: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name not in SHALLOW:
            waiting += _imports(name, _read(name))
    return found


def _imports(name: str, source: bytes) -> tuple[str, ...]:
    """Return the modules of `pitwall.ml`, or of the module's own package, that it imports; discovery means every plug-in."""
    targets = set(_targets(name, source))
    own = name.split(".", maxsplit=1)[0]
    inside = (PACKAGE, *([] if own == PACKAGE.split(".", maxsplit=1)[0] else [own]))
    names = {
        each for each in targets if each.startswith(tuple(f"{part}." for part in inside)) and _file(each) is not None
    }
    if DISCOVERY in targets and name != DISCOVERY:
        names.update(_plugins())
    return tuple(sorted(names))


@cache
def _targets(name: str, source: bytes) -> tuple[str, ...]:
    """Return all that a module's source may import."""
    return tuple(target for node in ast.walk(ast.parse(source)) for target in _named(node, name))


def _named(node: ast.AST, name: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and (node.module or node.level):
        module = node.module or ""
        if node.level:
            package = name if (_file(name) or Path()).name == "__init__.py" else name.rpartition(".")[0]
            module = resolve_name("." * node.level + module, package)
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)


def _plugins() -> list[str]:
    package = _file(DISCOVERY)
    files = sorted(package.parent.glob("*/[a-z]*.py")) if package else []
    shipped = [f"{DISCOVERY}.{path.parent.name}.{path.stem}" for path in files]
    return [*shipped, *(each.module for each in outside("ESTIMATOR"))]


def _read(name: str) -> bytes:
    path = _file(name)
    return path.read_bytes() if path else b""


@cache
def _file(name: str) -> Path | None:
    """Return a module's source file; None for what is no module (a class, a built-in)."""
    try:
        spec = find_spec(name)
    except (ModuleNotFoundError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
