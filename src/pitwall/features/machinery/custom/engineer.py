"""`FeatureEngineer`: features of one's own, made in a notebook, tried out when they are registered.

What is registered lives as long as the process and is seen by every `FeatureStore` in it. A feature that should outlive
the session, and any feature that a promoted model reads, is a file of this folder (`docs/adding.md`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.plugins import pick
from pitwall.domain.tables import Tables
from pitwall.features import groups
from pitwall.features.machinery.custom.auto_select import AutoFeatures, auto_features
from pitwall.features.machinery.custom.history import HISTORY, RECENT, Function, HistoryFeature
from pitwall.features.machinery.custom.trial import try_out
from pitwall.features.machinery.group import FeatureGroup

F = TypeVar("F", bound=Function)


@dataclass(frozen=True)
class Registered:
    """What a session keeps of a custom feature: its group and its version."""

    group: FeatureGroup
    version: int


_SESSION: dict[str, Registered] = {}


class FeatureEngineer:
    """Register, try out and generate features; all engineers of a process share one registry unless given their own.

    Example:
        >>> fe = FeatureEngineer(registry={})
        >>> @fe.register("podium_share", unit="share", description="share of races on the podium")
        ... def podium_share(history):
        ...     return (history["place"] <= 3).mean()
        >>> fe.names()
        ['podium_share']
    """

    def __init__(self, registry: dict[str, Registered] | None = None) -> None:
        self._registry = _SESSION if registry is None else registry

    def register(
        self,
        name: str,
        *,
        description: str | None = None,
        unit: str = "number",
        version: int = 1,
        needs: Sequence[str] = (),
        vectorised: bool = False,
    ) -> Callable[[F], F]:
        """Return a decorator that registers a function as a feature of drivers, after trying it out on a tiny world.

        The function is called with one driver's races so far, newest last: a DataFrame with the columns of `HISTORY`
        (`fe.columns()`). It returns a number, or None where it has nothing to say. A vectorised function is called once
        with the races of all drivers in time order, and returns one number per row.

        Args:
            name: of the feature, in snake_case. A name that is registered again is replaced: cells are run twice.
            description: what it means; the function's first docstring line when None.
            unit: of the number.
            version: raise it when the meaning changes.
            needs: further tables with one row per race and driver, e.g. "qualifying"; their columns come as
                `<table>_<column>`.
            vectorised: see above.

        Raises:
            FeatureError: the function is impure, depends on the order of rows, or gives no number; names the rows.
            LeakError: it looks ahead.
        """

        def decorate(function: F) -> F:
            self.add(
                HistoryFeature(
                    name=check_name(name),
                    function=function,
                    unit=unit,
                    meaning=description or _first_line(function) or "a custom feature",
                    version=version,
                    needs=tuple(needs),
                    vectorised=vectorised,
                )
            )
            return function

        return decorate

    def add(self, feature: HistoryFeature) -> None:
        """Try a feature out and register it; see `register` for the errors.

        A feature of the session may have the name of one that ships: it takes that one's place where it is asked for by name
        (`custom_features`), and nowhere else. A warning says so.
        """
        try_out(feature)
        if any(feature.name in (name, *group.names) for name, group in groups().items()):
            warnings.warn(
                f"{feature.name} is also a feature that ships: in this session custom_features=[{feature.name!r}] gives yours; feature sets, "
                "and every other session, give the one that ships. Another name avoids the doubt.",
                stacklevel=3,
            )
        self._registry[feature.name] = Registered(feature.group(), feature.version)

    def auto(
        self,
        columns: Sequence[str] | Mapping[str, Function],
        *,
        tables: Tables,
        label: Callable[[Tables], pd.Series],
        seasons: Sequence[int],
        name: str = "auto",
        limit: int = 8,
        most: int = 200,
    ) -> AutoFeatures:
        """Generate lags, windows, decays, ratios and ranks of columns, select some, and register them as one group.

        See `auto_features` for the arguments, what is generated and how it is selected.
        """
        made = auto_features(
            columns, tables=tables, label=label, seasons=seasons, name=check_name(name), limit=limit, most=most
        )
        self._registry[name] = Registered(made.group, 1)
        return made

    def groups(self) -> tuple[FeatureGroup, ...]:
        """Return the registered groups, in the order of their names."""
        return tuple(self._registry[name].group for name in self.names())

    def group(self, name: str) -> FeatureGroup:
        """Return what is registered under a name; raise UnknownName with the nearest one."""
        entry: Registered = pick("custom feature", name, self._registry)
        return entry.group

    def names(self) -> list[str]:
        """Return what is registered, sorted."""
        return sorted(self._registry)

    def describe(self) -> pd.DataFrame:
        """Return a table of what is registered: name, group, version, unit, meaning, null."""
        rows = [
            (feature.name, entry.group.name, entry.version, feature.unit, feature.meaning, feature.null)
            for _, entry in sorted(self._registry.items())
            for feature in entry.group.features
        ]
        return pd.DataFrame(rows, columns=["name", "group", "version", "unit", "meaning", "null"])

    @staticmethod
    def columns() -> dict[str, str]:
        """Return the columns of the races that a function is given, with their meaning."""
        return {**HISTORY, **RECENT}


def check_name(name: str) -> str:
    """Return a feature's name; raise FeatureError unless it is snake_case."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise FeatureError(f"a feature is named in snake_case, e.g. momentum_score; found {name!r}.")
    return name


def _first_line(function: Function) -> str:
    return (function.__doc__ or "").strip().split("\n")[0]
