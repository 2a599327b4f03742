"""Find plug-ins: every public module of a folder that defines the folder's one constant.

A folder, and a module whose name starts with an underscore, is machinery and no plug-in. A plug-in whose *third-party* extra is not
installed is skipped with a log line; a missing module of our own, or any other error, is raised.
"""

from __future__ import annotations

import logging
import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Any

from pitwall.domain.errors import FeatureError, UnknownName

log = logging.getLogger(__name__)


def discover(package: ModuleType, constant: str) -> dict[str, Any]:
    """Return {plug-in name: plug-in} of `package`, sorted by name.

    Args:
        package: the folder, imported, e.g. `pitwall.sources`.
        constant: the name that each plug-in module must define, e.g. `SOURCE`; its `.name` is the plug-in's name.

    Raises:
        FeatureError: a public module lacks the constant, or two plug-ins have one name.
    """
    found: dict[str, Any] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.ispkg or info.name.startswith("_"):
            continue
        try:
            module = import_module(f"{package.__name__}.{info.name}")
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] == "pitwall":
                raise
            log.warning(
                "plug-in %s.%s skipped: the package %s is not installed", package.__name__, info.name, error.name
            )
            continue
        if not hasattr(module, constant):
            raise FeatureError(
                f"{module.__name__} defines no {constant}. Each file of {package.__name__} is one plug-in and ends with "
                f"`{constant} = ...`; name a helper module with a leading underscore."
            )
        plugin = getattr(module, constant)
        if plugin.name in found:
            raise FeatureError(f"two plug-ins of {package.__name__} are called {plugin.name!r}; rename one of them.")
        found[plugin.name] = plugin
    return found


def pick(kind: str, name: str, known: dict[str, Any]) -> Any:
    """Return `known[name]`, or raise UnknownName with the nearest known one."""
    if name not in known:
        raise UnknownName(kind, name, known)
    return known[name]
