"""Find plug-ins: every public module of a folder that defines the folder's one constant, and those that live outside the package.

A module whose name starts with an underscore, and a folder (but for the families, which are folders), is machinery and no
plug-in. A plug-in whose *third-party* extra is not installed is skipped with a log line; a missing module of our own, or any
other error, is raised.
"""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from pitwall.domain.errors import FeatureError, PluginError, UnknownName
from pitwall.domain.plugins.outside import Outside, loaded, mark, outside

__all__ = ["Outside", "discover", "loaded", "mark", "outside", "pick"]
log = logging.getLogger(__name__)
MACHINERY = ("machinery", "shared")


def discover(
    package: ModuleType | None,
    constant: str,
    *,
    folders: bool = False,
    belongs: Callable[[Any], bool] = lambda plugin: True,
) -> dict[str, Any]:
    """Return {plug-in name: plug-in}, sorted by name of file; those from outside the package follow.

    Args:
        package: the folder, imported, e.g. `pitwall.sources`; None where the package ships no such folder.
        constant: the name that each plug-in module must define, e.g. `SOURCE`; its `.name` is the plug-in's name.
        folders: whether its plug-ins are folders rather than files.
        belongs: which of the plug-ins from outside are meant.

    Raises:
        FeatureError: a public module lacks the constant, or two plug-ins have one name.
        PluginError: a plug-in from outside is broken, or has the name of another one.
    """
    found: dict[str, Any] = {}
    homes: dict[str, str] = {}
    for module in _modules(package, folders=folders) if package else []:
        if not hasattr(module, constant):
            raise FeatureError(
                f"{module.__name__} defines no {constant}. Each file of {module.__package__} is one plug-in and ends with "
                f"`{constant} = ...`; name a helper module with a leading underscore."
            )
        plugin = getattr(module, constant)
        if plugin.name in found:
            raise FeatureError(f"two plug-ins of {module.__package__} are called {plugin.name!r}; rename one of them.")
        found[plugin.name], homes[plugin.name] = plugin, module.__name__
    for each in outside(constant):
        if not belongs(each.plugin):
            continue
        name = each.plugin.name
        if name in found:
            raise PluginError(
                f"{each.where} brings the {constant} {name!r}, a name that {homes[name]} has already; rename the one from outside."
            )
        found[name], homes[name] = each.plugin, each.where
    return found


def _modules(package: ModuleType, *, folders: bool) -> list[ModuleType]:
    """Return the public modules, or the public folders, of a package; without those whose extra is not installed."""
    modules = []
    path = tuple(package.__path__)
    for public in _public(path, tuple(Path(each).stat().st_mtime_ns for each in path), folders=folders):
        name = f"{package.__name__}.{public}"
        try:
            module = import_module(name)
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] == "pitwall":
                raise
            log.warning("plug-in %s skipped: the package %s is not installed", name, error.name)
            continue
        if not folders or hasattr(module, "__path__"):
            modules.append(module)
    return modules


@lru_cache(maxsize=64)
def _public(path: tuple[str, ...], _changed: tuple[int, ...], *, folders: bool) -> tuple[str, ...]:
    """Return the names that may be plug-ins, sorted; a folder is listed again when it has changed, as Python's own finder does."""
    found = sorted((info.name, info.ispkg) for info in pkgutil.iter_modules(path))
    return tuple(
        name for name, folder in found if folder == folders and not name.startswith("_") and name not in MACHINERY
    )


def pick(kind: str, name: str, known: dict[str, Any]) -> Any:
    """Return `known[name]`, or raise UnknownName with the nearest known one."""
    if name not in known:
        raise UnknownName(kind, name, known)
    return known[name]
