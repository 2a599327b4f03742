"""Plug-ins that are files of a project: found by `plugins:` of params.yaml, below the project's root, one constant in each."""

from __future__ import annotations

import ast
import hashlib
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pitwall.domain.errors import PluginError
from pitwall.domain.params import load_params
from pitwall.domain.plugins.kinds import KINDS
from pitwall.domain.plugins.loading import load
from pitwall.domain.project import Project

MODULE = "pitwall_plugin"  # begins the names of modules that are made of such files


@dataclass(frozen=True)
class Named:
    """A file that params.yaml names, as it is now: another size or instant of change is another one.

    Attributes:
        where: path below the project's root, as in params.yaml.
        path: of the file.
        state: its instant of change (ns) and its size (bytes).
    """

    where: str
    path: Path
    state: tuple[int, int]

    def sha256(self) -> str:
        """Return the hash of its bytes."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def named(project: Project | None) -> tuple[Named, ...]:
    """Return the files that a project's params.yaml names, in its order.

    Raises:
        PluginError: one does not exist, lies outside of the project, is no Python file, or is named twice.
    """
    if project is None or not project.params.is_file():
        return ()
    listed = _listed(project.params, project.params.stat().st_mtime_ns, project.params.stat().st_size)
    if repeated := {name for name in listed if listed.count(name) > 1}:
        raise PluginError(f"params.yaml: plugins names {', '.join(sorted(repeated))} twice; remove one of the lines.")
    return tuple(_named(project.root, name) for name in listed)


@lru_cache(maxsize=16)
def _listed(params: Path, _changed: int, _size: int) -> tuple[str, ...]:
    """Return the section `plugins`; a file that does not hold the word is not even parsed."""
    return load_params(params).plugins if "plugins" in params.read_text(encoding="utf-8") else ()


def _named(root: Path, name: str) -> Named:
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise PluginError(
            f"params.yaml: plugins names {name}, which lies outside of the project ({root}); keep the file in the project, "
            "where git and DVC see it, or install it as a package with an entry point (docs/adding.md)."
        )
    if path.suffix != ".py" or not path.is_file():
        raise PluginError(
            f"params.yaml: plugins names {name}, and there is no such Python file below {root}; correct the path or remove the line."
        )
    found = path.stat()
    return Named(path.relative_to(root.resolve()).as_posix(), path, (found.st_mtime_ns, found.st_size))


def constant_of(file: Named) -> str:
    """Return which kind of plug-in a file holds, by the one constant that it assigns; nothing of it runs.

    Raises:
        PluginError: the file is no Python, or assigns none or several of the constants.
    """
    try:
        tree = ast.parse(file.path.read_bytes(), filename=file.where)
    except (SyntaxError, ValueError) as error:
        raise PluginError(f"the plug-in {file.where} cannot be loaded: it is no Python ({error}).") from error
    targets = [
        target
        for node in tree.body
        for target in (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
    ]
    defined = sorted({target.id for target in targets if isinstance(target, ast.Name)} & set(KINDS))
    if len(defined) != 1:
        raise PluginError(
            f"the plug-in {file.where} defines {' and '.join(defined) or 'no constant by which it can be known'}; each file is one "
            f"plug-in and ends with one of: {', '.join(f'{name} = ...' for name in KINDS)}."
        )
    return defined[0]


def load_file(file: Named) -> tuple[str, ModuleType] | None:
    """Return the constant and the module of a file; None where a third-party package that it needs is not installed.

    Raises:
        PluginError: the file cannot be loaded.
    """
    constant = constant_of(file)
    module = load(lambda: _run(file), file.where)
    return (constant, module) if module is not None else None


def _run(file: Named) -> ModuleType:
    name = f"{MODULE}_{hashlib.sha256(str(file.path).encode()).hexdigest()[:8]}_{file.path.stem}"
    spec = spec_from_file_location(name, file.path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it runs
    try:
        # not `exec_module`: its compiled copy is known by the second of the change, and would hide a change within it
        exec(compile(file.path.read_bytes(), str(file.path), "exec"), module.__dict__)  # noqa: S102 - the project's own code
    except BaseException:
        del sys.modules[name]
        raise
    return module
