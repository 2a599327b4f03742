"""Plug-ins that do not ship with the package: files that params.yaml names, and entry points of installed packages.

They belong to the project that we are in (`find_project`), so that a worker process, a DVC step and a notebook find the same ones.
Nothing is read before somebody asks for a kind of plug-in. While they are being loaded, discovery shows what ships: so a file may
start from a shipped plug-in (`replace(template("podium"), ...)`).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from pitwall.domain.errors import PluginError, ProjectNotFound
from pitwall.domain.plugins import files
from pitwall.domain.plugins.kinds import KINDS
from pitwall.domain.plugins.loading import load
from pitwall.domain.project import Project, find_project

PREFIX = "pitwall."
FAMILY_OF = "ESTIMATOR"  # the folder says the family of those that ship; these say it themselves
_LOADING = threading.RLock()
_busy = threading.local()


@dataclass(frozen=True)
class Outside:
    """One plug-in from outside.

    Attributes:
        constant: which kind it is of.
        plugin: the plug-in itself.
        where: it comes from, in words: a path below the project's root, or package, version and object.
        module: name of the module that defines it, in `sys.modules`.
    """

    constant: str
    plugin: Any
    where: str
    module: str


def outside(constant: str) -> tuple[Outside, ...]:
    """Return the plug-ins of one kind that do not ship, in the order of params.yaml; then those of packages by name.

    Raises:
        PluginError: one of them is broken; says which and why.
    """
    if constant not in KINDS or getattr(_busy, "here", False):
        return ()
    with _LOADING:
        _busy.here = True
        try:
            named = [each for each in _of_files(files.named(_project())) if each.constant == constant]
            return (*named, *_of_packages(constant, tuple(sys.path)))
        finally:
            _busy.here = False


def loaded() -> tuple[Outside, ...]:
    """Return all plug-ins from outside, of every kind."""
    return tuple(each for constant in KINDS for each in outside(constant))


def mark() -> Hashable:
    """Return what changes when other plug-ins from outside may be found: a key for whoever keeps what discovery gave."""
    return files.named(_project()), tuple(sys.path)


def _project() -> Project | None:
    try:
        return find_project()
    except ProjectNotFound:
        return None


@lru_cache(maxsize=4)
def _of_files(named: tuple[files.Named, ...]) -> tuple[Outside, ...]:
    found = []
    for each in named:
        loaded = files.load_file(each)
        if loaded is not None:
            constant, module = loaded
            found.append(_checked(constant, getattr(module, constant), each.where, module.__name__))
    return tuple(found)


@lru_cache(maxsize=32)
def _of_packages(constant: str, path: tuple[str, ...]) -> tuple[Outside, ...]:
    kind = KINDS[constant]
    offered = [each for each in _entry_points(path) if each.group == kind.group]
    found = []
    for point in sorted(offered, key=lambda point: (point.name, point.value)):
        where = f"{_of(point)} ({point.group}: {point.value})"
        offers = load(point.load, where, own=point.module)
        if offers is None:
            continue
        plugin = getattr(offers, constant, None) if isinstance(offers, ModuleType) else offers
        if plugin is None:
            raise PluginError(
                f"{where} is a module without {constant}; let the entry point name a plug-in or its module."
            )
        found.append(_checked(constant, plugin, where, point.module))
    return tuple(found)


def packages() -> dict[str, str]:
    """Return {package: version} of the installed packages that offer plug-ins."""
    offering = [point.dist for point in _entry_points(tuple(sys.path)) if point.dist is not None]
    return {dist.name: dist.version for dist in sorted(offering, key=lambda dist: dist.name)}


@lru_cache(maxsize=4)
def _entry_points(_path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Return all entry points of plug-ins; reading every package's list takes a moment."""
    groups = {kind.group for kind in KINDS.values()}
    every = entry_points()
    offered = sorted(group for group in every.groups if group.startswith(PREFIX))
    found = tuple(point for group in offered for point in every.select(group=group))
    for point in found:
        if point.group not in groups:
            raise PluginError(
                f"{_of(point)} offers {point.value} as {point.group}, which is no kind of plug-in; expected one of: "
                f"{', '.join(sorted(groups))}."
            )
    return found


def _of(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.module


def _checked(constant: str, plugin: Any, where: str, module: str) -> Outside:
    if not isinstance(getattr(plugin, "name", None), str):
        raise PluginError(f"the {constant} of {where} has no name; a plug-in says its `name`.")
    if constant == FAMILY_OF and not isinstance(getattr(plugin, "family", None), str):
        raise PluginError(
            f"the estimator {plugin.name!r} of {where} does not say which family of answers it gives: no folder says it there. "
            f'Give its class a `family`, e.g. `family = "order"`.'
        )
    return Outside(constant, plugin, where, module)
