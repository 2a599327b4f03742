"""The source as a graph, read without importing it: modules, who imports whom, and which modules are plug-ins.

The files come from the working tree or, through git, from any commit. An arrow is any import that runs, wherever it stands: one that
waits inside a function couples two modules as much as one at the top. Imports for type hints alone (`if TYPE_CHECKING:`) run never.
"""

from __future__ import annotations

import ast
import io
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
SOURCE = "src/pitwall"
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, whether it is the `__init__` of a folder, its lines and its syntax tree."""

    name: str
    package: bool
    lines: int
    tree: ast.Module

    @property
    def folder(self) -> str:
        """Return the package that the module lies in; a package lies in itself."""
        return self.name if self.package else self.name.rpartition(".")[0]

    @property
    def functions(self) -> list[int]:
        """Return the lines of every function and method, from its `def` to its end."""
        return [
            1 + (node.end_lineno or node.lineno) - node.lineno
            for node in ast.walk(self.tree)
            if isinstance(node, FUNCTION)
        ]

    def assigns(self, names: Iterable[str]) -> bool:
        """Return whether the module defines one of these constants at its top level."""
        targets: set[str] = set()
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                targets |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                targets.add(node.target.id)
        return not targets.isdisjoint(names)


@dataclass(frozen=True)
class House:
    """All modules of the source by dotted name."""

    modules: Mapping[str, Module]

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """Return {module: modules of ours that it imports}; a package stands for its `__init__`."""
        return {name: set(self._targets(module)) - {name} for name, module in self.modules.items()}

    @cached_property
    def plugin_constants(self) -> set[str]:
        """Return the constants that folders are searched for, e.g. GATE: the text arguments of every `discover...(...)`."""
        calls = [
            node for module in self.modules.values() for node in ast.walk(module.tree) if isinstance(node, ast.Call)
        ]
        return {
            text for call in calls if _called(call).startswith("discover") for text in _texts(call) if text.isupper()
        }

    def is_plugin(self, module: Module) -> bool:
        """Return whether discovery finds the module: a public one that defines the constant of a folder."""
        last = module.name.rpartition(".")[2]
        return not module.package and not last.startswith("_") and module.assigns(self.plugin_constants)

    def folders(self) -> list[str]:
        """Return the packages, sorted."""
        return sorted(name for name, module in self.modules.items() if module.package)

    def loose(self, folder: str) -> list[str]:
        """Return the modules that lie directly in a folder and are no plug-ins."""
        inside = [each for each in self.modules.values() if not each.package and each.folder == folder]
        return sorted(each.name for each in inside if not self.is_plugin(each))

    def children(self, folder: str) -> list[str]:
        """Return the packages directly below a folder."""
        return [name for name in self.folders() if name.rpartition(".")[0] == folder]

    def arrows(self, folder: str) -> set[tuple[str, str]]:
        """Return who imports whom among the direct children of a folder, packages and loose modules alike."""
        return set(self._between(folder))

    def module_circles(self) -> list[list[str]]:
        """Return the groups of modules that import each other in a circle, the `__init__` of packages left out."""
        return circles(
            {name: {t for t in targets if not self.modules[t].package} for name, targets in self.imports.items()}
        )

    def folder_circles(self) -> list[list[str]]:
        """Return the groups of sister packages or modules that import each other in a circle."""
        found = []
        for folder in self.folders():
            graph: dict[str, set[str]] = {}
            for start, end in self._between(folder):
                graph.setdefault(start, set()).add(end)
            found += circles(graph)
        return found

    def _between(self, folder: str) -> Iterator[tuple[str, str]]:
        for name, targets in self.imports.items():
            start = _child(folder, name)
            for target in targets if start else ():
                end = _child(folder, target)
                if end and end != start:
                    yield start, end

    def _targets(self, module: Module) -> Iterator[str]:
        for node in _running(module.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self.modules)
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(module, node)
                whole = [f"{base}.{alias.name}" for alias in node.names]
                yield from (name for name in whole if name in self.modules)
                if base in self.modules and not all(name in self.modules for name in whole):
                    yield base


def read_tree(root: Path = REPO) -> House:
    """Return the house as it lies in a working tree."""
    base = root / SOURCE
    return _house({path.relative_to(root).as_posix(): path.read_text("utf-8") for path in base.rglob("*.py")})


def read_commit(commit: str, root: Path = REPO) -> House:
    """Return the house of a commit; nothing is checked out.

    Raises:
        SystemExit: git knows no such commit.
    """
    command = ["git", "archive", "--format=tar", commit, SOURCE]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"git cannot read {SOURCE} of {commit}: {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        files = [(each.name, archive.extractfile(each)) for each in archive if each.name.endswith(".py")]
        return _house({name: stream.read().decode("utf-8") for name, stream in files if stream})


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the strongly connected components with more than one member, each sorted."""
    import networkx as nx

    drawn = nx.DiGraph([(start, end) for start, ends in graph.items() for end in ends])
    return sorted(sorted(group) for group in nx.strongly_connected_components(drawn) if len(group) > 1)


def _house(files: Mapping[str, str]) -> House:
    made = [_module(path, text) for path, text in sorted(files.items())]
    return House({module.name: module for module in made})


def _module(path: str, text: str) -> Module:
    parts = Path(path).with_suffix("").parts[1:]
    package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if package else parts), package, len(text.splitlines()), ast.parse(text, path))


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    above = module.folder.split(".")
    base = ".".join(above[: len(above) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def _child(folder: str, name: str) -> str:
    """Return the direct child of a folder that a module lies in, or nothing."""
    inside = name.removeprefix(f"{folder}.")
    return "" if inside == name else f"{folder}.{inside.split('.')[0]}"


def _called(call: ast.Call) -> str:
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _texts(call: ast.Call) -> list[str]:
    return [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a syntax tree past what stands below `if TYPE_CHECKING:`."""
    yield node
    hints = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    for child in node.orelse if hints else ast.iter_child_nodes(node):
        yield from _running(child)
