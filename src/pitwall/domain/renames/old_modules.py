"""Keep the old names of modules working: `import pitwall.ml.order` gives the module of today and says what it is called.

Notebooks, and the code that MLflow keeps with every registered model, name modules as they were called when they were
written. A finder at the end of Python's list is asked only for what nobody else finds, and reads the map then; one at its
beginning knows the folders that were reached by an old name, whose files Python would otherwise load a second time.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from pitwall.domain.renames import renames

PACKAGE = "pitwall."


class _Renamed(Loader):
    """Gives the module of today for an old name; nothing is executed twice."""

    def __init__(self, new: str) -> None:
        self._new = new

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        told = (
            f"{spec.name} is called {self._new} now; write the new name, the old one will not be understood for ever."
        )
        warnings.warn(told, DeprecationWarning, stacklevel=2)
        module = import_module(self._new)
        self._own = module.__spec__
        for old, new in renames().names.items():
            home, name = old.rsplit(".", 1)
            if home == spec.name and not hasattr(module, name):
                setattr(module, name, getattr(import_module(new.rsplit(".", 1)[0]), new.rsplit(".", 1)[1]))
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._own  # the machinery has put the old name's there


class OldModules(MetaPathFinder):
    """Finds modules by the names that the map lists.

    Attributes:
        first: whether it stands before Python's own finders; then it answers only for what lies in an old folder.
    """

    def __init__(self, *, first: bool) -> None:
        self.first = first

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load an old name; None for any other."""
        parent, _, child = fullname.rpartition(".")
        if not fullname.startswith(PACKAGE) or (self.first and _own_name(parent) == parent):
            return None
        new = renames().modules.get(fullname) or _in_renamed_folder(parent, child)
        return None if new is None else ModuleSpec(fullname, _Renamed(new))


def install() -> None:
    """Let the old names be found, once per process."""
    if not any(isinstance(finder, OldModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, OldModules(first=True))
        sys.meta_path.append(OldModules(first=False))


def old_attribute(package: str, name: str) -> Any:
    """Return what a module held whose name a package bears now; for the `__getattr__` of that package.

    Raises:
        AttributeError: the module had no such name, or has none today.
    """
    new = renames().modules[package]
    if not name.startswith("_") and hasattr(module := import_module(new), name):
        told = f"{package}.{name} is {new}.{name} now; write the new name, the old one will not be understood for ever."
        warnings.warn(told, DeprecationWarning, stacklevel=3)
        return getattr(module, name)
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


def _own_name(name: str) -> str:
    """Return what a loaded package calls itself: another name than the one that it was imported by, if that is old."""
    return getattr(sys.modules.get(name), "__name__", name)


def _in_renamed_folder(parent: str, child: str) -> str | None:
    """Return the module that stood in the folder which is called `parent` today: `from OLD_FOLDER import child` asks so."""
    known = renames().modules
    return next(
        (known[f"{old}.{child}"] for old, new in known.items() if new == parent and f"{old}.{child}" in known), None
    )
