"""Generated features: lags, windows, decays, trends, ratios and within-race ranks of declared columns.

Each generated feature says its unit, meaning and null like any other, and a group of them is an ordinary feature group:
`auto_group` makes it again from the names alone, so that what was selected once can be kept as a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import TimeParams
from pitwall.domain.plugins import pick
from pitwall.domain.tables import Tables
from pitwall.features.machinery.custom.history import READS, Function, HistoryFeature, histories, state_rows
from pitwall.features.machinery.group import Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.form import last_values
from pitwall.features.machinery.shared.states import rolling_mean

UNITS = {
    "place": "place",
    "grid": "slot",
    "field_size": "cars",
    "points": "points",
    "laps": "laps",
    "seconds": "s",
    "fastest_lap": "s",
    "retired": "0/1",
    "classified": "0/1",
}
SIZES = {"lag": (1, 2, 3), "mean": (3, 5, 10), "sd": (5, 10), "decay": (2, 5), "rank": (1, 5), "trend": (3,)}
LONG = 10
RATIO = 5
DRIVER = "driver_id"
Array = npt.NDArray[np.float64]
Columns = Mapping[str, Function]


@dataclass(frozen=True)
class Recipe:
    """One generated feature: what is done to a column, over how many races, and (ratios) the column below the line."""

    kind: str
    column: str
    size: int
    below: str = ""

    @property
    def name(self) -> str:
        """Return the feature's name without its group's, e.g. place_mean5."""
        return f"{self.column}_per_{self.below}{self.size}" if self.below else f"{self.column}_{self.kind}{self.size}"

    def feature(self, group: str) -> Feature:
        """Return the described feature."""
        column, size = self.column, self.size
        own = UNITS.get(column, "number")
        unit, meaning = {
            "lag": (own, f"{column} {size} races ago (1 is the last race)"),
            "mean": (own, f"mean {column} over the last {size} races"),
            "sd": (own, f"standard deviation of {column} over the last {size} races"),
            "decay": (own, f"mean {column} of all races, each {size} races halving the weight"),
            "rank": ("share", f"mean share of the field with at most this {column}, over the last {size} races"),
            "trend": ("ratio", f"mean {column} over the last {size} races by that over the last {LONG}"),
            "ratio": ("ratio", f"mean {column} by mean {self.below} over the last {size} races"),
        }[self.kind]
        return Feature(
            f"{group}_{self.name}", unit, meaning, "too few races with a value so far, or a division by zero"
        )

    def values(self, races: pd.DataFrame) -> Array:
        """Return the feature after each row of `races`: race_id, driver_id and the declared columns, in time order."""
        if self.kind == "lag":
            return last_values(races, DRIVER, self.column, self.size)[:, 0]
        if self.kind == "decay":
            faded = races.groupby(DRIVER)[self.column].ewm(halflife=self.size, ignore_na=True).mean()
            return np.asarray(faded.droplevel(0).reindex(races.index), dtype=np.float64)
        if self.kind == "rank":
            share = races.groupby("race_id")[self.column].rank(pct=True)
            return _mean(races.assign(share=share), "share", self.size)
        if self.kind == "sd":
            return _deviation(last_values(races, DRIVER, self.column, self.size))
        mean = _mean(races, self.column, self.size)
        if self.kind == "mean":
            return mean
        under = _mean(races, self.column, LONG) if self.kind == "trend" else _mean(races, self.below, self.size)
        return np.asarray(mean / np.where(under == 0, np.nan, under))


def _mean(races: pd.DataFrame, column: str, window: int) -> Array:
    return np.asarray(rolling_mean(races, DRIVER, column, window), dtype=np.float64)


def _deviation(values: Array) -> Array:
    """Return the standard deviation of each row, nulls skipped; summed value by value, so that equal rows give equal bits."""
    count = (~np.isnan(values)).sum(axis=1)
    some = np.maximum(count, 1)
    mean = sum(np.nan_to_num(column) for column in values.T) / some
    squares = sum(np.nan_to_num(column - mean) ** 2 for column in values.T)
    return np.asarray(np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan))


def declared(columns: Sequence[str] | Columns) -> dict[str, Function]:
    """Return {column: function of the races} for names of history columns, or functions as they are.

    Raises:
        UnknownName: a history has no such number.
    """
    if isinstance(columns, Mapping):
        return dict(columns)
    return {name: own_column(name) for name in dict.fromkeys(columns)}


def own_column(name: str) -> Function:
    """Return the function that gives a number of the races as it stands; raise UnknownName with the nearest one."""
    if name not in UNITS:
        raise UnknownName("numeric column of a driver's races", name, UNITS)
    return partial(_own, name)


def _is_own(function: Function) -> bool:
    return isinstance(function, partial) and function.func is _own


def _own(name: str, rows: pd.DataFrame) -> pd.Series:
    return rows[name].astype("float64")


def recipes(columns: Sequence[str]) -> Iterator[Recipe]:
    """Yield every feature that is generated from some columns, simple ones first."""
    for kind, sizes in SIZES.items():
        for column in columns:
            yield from (Recipe(kind, column, size) for size in sizes)
    for above, below in permutations(columns, 2):
        yield Recipe("ratio", above, RATIO, below)


def auto_group(name: str, columns: Sequence[str] | Columns, features: Sequence[str] | None = None) -> FeatureGroup:
    """Return the group of the generated features with some names (all of them when None).

    Args:
        name: of the group; its features are called `<name>_<recipe>`.
        columns: numbers of `HISTORY`, or {name: function of all drivers' races in time order -> one number per row}.
        features: names as a selection gave them.

    Raises:
        UnknownName: no such column or feature; offers the nearest one.
    """
    base = declared(columns)
    known = {f"{name}_{recipe.name}": recipe for recipe in recipes(list(base))}
    chosen = tuple(pick("generated feature", each, known) for each in (known if features is None else features))
    return FeatureGroup(
        name=name,
        entities=("driver",),
        reads=READS,
        features=tuple(recipe.feature(name) for recipe in chosen),
        compute=Generated(name, base, chosen).compute,
        sets=("auto",),
    )


@dataclass(frozen=True)
class Generated:
    """What computes a group of generated features.

    Attributes:
        name: of the group.
        base: functions of the columns that they are made of.
        chosen: the features.
    """

    name: str
    base: Columns
    chosen: tuple[Recipe, ...]

    def compute(self, tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
        """Return the rows of the group; see `FeatureGroup.compute`."""
        rows = histories(tables)
        used = {each for recipe in self.chosen for each in (recipe.column, recipe.below) if each}
        features = [HistoryFeature(each, self.base[each], vectorised=True) for each in sorted(used)]
        races = rows[["race_id", DRIVER]].assign(**{feature.name: feature.values(rows) for feature in features})
        made = {recipe.feature(self.name).name: recipe.values(races) for recipe in self.chosen}
        return state_rows(rows, made, everyone=True)

    def own_functions(self) -> dict[str, Function | None]:
        """Return each column's function where a user gave one; None for a number of the races as it stands."""
        return {column: None if _is_own(function) else function for column, function in self.base.items()}
