"""Feature groups: one file each, discovered, never listed.

`groups()` returns them by name, `feature_sets()` the named sets that models ask for. Modules with a leading underscore
are machinery: the contract (`_group`), the build with row versions (`_build`), the replay check (`_replay`), and the
notebook's `FeatureEngineer` (`_engineer`), which is loaded on first use.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pitwall.features.machinery.group import FeatureGroup

EVERY = "all"
_HOME = {
    "AutoFeatures": "pitwall.features.machinery.custom.auto_select",
    "FeatureEngineer": "pitwall.features.machinery.custom.engineer",
    "HistoryFeature": "pitwall.features.machinery.custom.history",
    "auto_group": "pitwall.features.machinery.custom.auto",
}
__all__ = ["AutoFeatures", "FeatureEngineer", "HistoryFeature", "auto_group", "feature_sets", "groups"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'pitwall.features' has no attribute {name!r}; it has: {', '.join(__all__)}")


def groups() -> dict[str, FeatureGroup]:
    """Return every feature group by name.

    Raises:
        FeatureError: a module lacks GROUP, or two groups or two features share a name.
        PluginError: a group from outside the package is broken.
    """
    from pitwall.domain.plugins import mark

    return _groups(mark())


@lru_cache(maxsize=4)
def _groups(_mark: object) -> dict[str, FeatureGroup]:
    from pitwall.domain.plugins import discover
    from pitwall.features.machinery.build import check_names

    found: dict[str, FeatureGroup] = discover(sys.modules[__name__], "GROUP")
    check_names(found.values())
    return found


def feature_sets() -> dict[str, tuple[FeatureGroup, ...]]:
    """Return {feature set: its groups, sorted by name}; the set "all" holds every group."""
    names = sorted({name for group in groups().values() for name in group.sets} - {EVERY})
    named = {name: tuple(group for group in groups().values() if name in group.sets) for name in names}
    return {EVERY: tuple(groups().values()), **named}
