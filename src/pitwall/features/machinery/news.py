"""What tables say that they did not say before, and how far it reaches into a group's rows.

A new race, a correction and a change of the source are the same thing here: rows that only one of two sets of tables
holds. Whatever was known before the first of them stands, because the past of a group does not depend on its future
(the replay check proves that), and a group may promise more: that rows of other races, or of other entities, stand too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features.machinery.build import build_group, extend_group, in_order
from pitwall.features.machinery.group import FeatureGroup

REUSED = "reused"


@dataclass(frozen=True)
class Change:
    """Tables of then and of now, and per table the rows that only one of them holds (tables without any left out)."""

    then: Tables
    now: Tables
    rows: Mapping[str, pd.DataFrame]

    @classmethod
    def between(cls, then: Tables, now: Tables) -> Change:
        """Compare two sets of tables row by row."""
        rows = {name: only_one_side(then[name], now[name]) for name in now}
        return cls(then, now, {name: some for name, some in rows.items() if len(some)})

    def only(self, *names: str) -> Change:
        """Return the change of some tables."""
        rows = {name: self.rows[name] for name in names if len(self.rows.get(name, ()))}
        return Change(self.then.only(*names), self.now.only(*names), rows)


def only_one_side(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that only one of two versions of a table holds; where both begin alike is not looked at twice."""
    if then is now:
        return now.head(0)
    alike = _begin_alike(then, now)
    then, now = then.iloc[alike:], now.iloc[alike:]
    old, new = (pd.util.hash_pandas_object(frame, index=False).to_numpy() for frame in (then, now))
    return pd.concat([then[~np.isin(old, new)], now[~np.isin(new, old)]], ignore_index=True)


def _begin_alike(then: pd.DataFrame, now: pd.DataFrame) -> int:
    """Return how many rows two tables have in common from the first on."""
    count = min(len(then), len(now))
    same = np.ones(count, dtype=bool)
    for name in now.columns:
        one, other = (frame[name].iloc[:count].reset_index(drop=True) for frame in (then, now))
        same &= ((one == other) | (one.isna() & other.isna())).fillna(False).to_numpy(bool)
    return count if same.all() else int(same.argmin())


def updated(group: FeatureGroup, built: pd.DataFrame, change: Change, params: Params) -> tuple[pd.DataFrame, str]:
    """Return a group's table on the tables of now, from the one built on those of then, and in words what was computed.

    Args:
        group: the feature group.
        built: its table, built on the tables of then by the same code and settings.
        change: the tables of then and of now.
        params: the project's parameters.

    Returns:
        The table, equal to `build_group` on the tables of now to the last bit.
    """
    own = change.only(*group.reads)
    if not own.rows:
        return built, REUSED
    scope = _scope(group, own)
    if scope is None:
        since = min(rows["known_at"].min() for rows in own.rows.values())
        if all(vintage >= since for vintage in own.now.vintages()):
            return build_group(group, own.now, params), "computed in whole"  # no vintage to spare: the same, less work
        return extend_group(group, built, own.now, params, since), f"computed, known before {since:%Y-%m-%d} kept"
    part = build_group(group, scope.of(own.now), params)
    rows = pd.concat([built[~built[scope.key].isin(scope.ids)], part[part[scope.key].isin(scope.ids)]])
    counted = f"{len(scope.ids):,} of {rows[scope.key].nunique():,}"
    return in_order(group, rows), f"computed for {counted} {scope.key.removesuffix('_id')}s"


@dataclass(frozen=True)
class Scope:
    """The part of a group's table that news reach: ids of one key, and the races that their rows are made of."""

    key: str
    ids: set[int]
    races: set[int]
    calendar: bool

    def of(self, tables: Tables) -> Tables:
        """Return the tables without the races that are not needed; an entity's rows need the whole calendar."""
        kept = {
            name: frame[frame["race_id"].isin(self.races)]
            for name, frame in tables.items()
            if "race_id" in frame and not (name == "races" and self.calendar)
        }
        return tables.replace(**kept)


def _scope(group: FeatureGroup, change: Change) -> Scope | None:
    """Return what the change reaches by the group's own promise; None for everything."""
    if group.reach == "all" or not all("race_id" in rows for rows in change.rows.values()):
        return None
    races = {int(race) for rows in change.rows.values() for race in rows["race_id"].unique()}
    if group.reach == "race":
        return Scope("race_id", races, races, calendar=False)
    if "races" in change.rows:  # a season's start resets entities that have nothing to do with the race
        return None
    key, sides = group.keys[0], (change.then, change.now)
    lines = _lines(sides, key)
    ids = _with_relatives(key, lines.loc[lines["race_id"].isin(races), key], sides)
    return Scope(key, ids, {int(race) for race in lines.loc[lines[key].isin(ids), "race_id"].unique()}, calendar=True)


def _lines(sides: tuple[Tables, Tables], key: str) -> pd.DataFrame:
    """Return which entities had a part in which races, by any table of then or now that names both."""
    frames = {id(frame): frame for tables in sides for frame in tables.values() if {"race_id", key} <= {*frame}}
    named = [frame[["race_id", key]].drop_duplicates() for frame in frames.values()]
    return pd.concat(named, ignore_index=True).drop_duplicates()


def _with_relatives(key: str, ids: pd.Series, sides: tuple[Tables, Tables]) -> set[int]:
    """Return ids of entities; those of constructors with all names that their teams have had."""
    teams = [tables["constructors"] for tables in sides if key == "constructor_id" and "constructors" in {*tables}]
    related = [team.loc[team["lineage"].isin(team.loc[team[key].isin(ids), "lineage"]), key] for team in teams]
    return {int(each) for each in pd.concat([ids, *related]).unique()}
