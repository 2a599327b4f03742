"""The replay check: a group computed on all data must say, of any instant, what it would have said then.

For each instant t the group is computed twice: on all data, and on the data cut at t. The rows that a forecast at t may
use must be identical. A difference is a leak: a value that moves when the future is taken away used the future, and a
row that is missing then was stamped earlier than its inputs allow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, hours, race_end
from pitwall.features.machinery.build import build_group, closed, compute_group, same_values
from pitwall.features.machinery.group import FeatureGroup

EARLY = "exist on all data but not on the data known then: stamped earlier than their inputs allow"
REMOVED = "existed on the data known then but are gone on all data: the future removed them"


@dataclass(frozen=True)
class Violation:
    """A feature that breaks the replay at an instant: how many rows, one of them, and what is wrong."""

    group: str
    feature: str
    instant: pd.Timestamp
    rows: int
    example: dict[str, Any]
    reason: str

    def __str__(self) -> str:
        return f"{self.group}.{self.feature} at {self.instant:%Y-%m-%d %H:%M}: {self.rows} rows {self.reason} (first: {self.example})"


def replay_check(
    group: FeatureGroup,
    tables: Tables,
    params: Params,
    instants: Iterable[pd.Timestamp],
    full: pd.DataFrame | None = None,
) -> list[Violation]:
    """Compare the group on all data with the group on data cut at each instant; an empty list means no leak found.

    Args:
        group: the feature group.
        tables: canonical tables with all versions.
        params: the project's parameters.
        instants: UTC instants to replay, e.g. `replay_instants(tables, params)`.
        full: the group's table on all data, where it is built already.
    """
    read = tables.only(*group.reads)
    full = build_group(group, read, params) if full is None else full
    # Between most instants nothing is published that a group reads: then it would say the same again.
    built = {_extent(read): full}
    violations: list[Violation] = []
    for instant in instants:
        cut = read.cut(instant)
        extent = _extent(cut)
        if extent not in built:
            built[extent] = compute_group(group, cut, params)  # one version per row: there is nothing to fold
        replayed = built[extent]
        violations += differences(group, full, replayed, instant)
    return violations


def _extent(tables: Tables) -> tuple[tuple[int, Any], ...]:
    """Return rows and newest publication of each table: cuts of the same tables that agree in both are the same."""
    return tuple((len(tables[name]), tables[name]["known_at"].max()) for name in sorted(tables))


def replay_instants(tables: Tables, params: Params, races: int = 3) -> list[pd.Timestamp]:
    """Return instants around some races, spread over the data: before, between and after each publication, mid-race."""
    calendar = tables["races"].sort_values("starts_at", kind="stable")
    run = calendar[calendar["race_id"].isin(tables["results"]["race_id"])].drop_duplicates("race_id")
    chosen = run.iloc[np.unique(np.linspace(0, len(run) - 1, races + 1).round().astype(int)[1:])]
    end = race_end(chosen, params.time)
    known = end + hours(params.time.race_known_after_h)
    around = [chosen["practice_at"], chosen["qualifying_at"], chosen["starts_at"], end + BEFORE, known - BEFORE, known]
    published = [frame.loc[frame["race_id"].isin(chosen["race_id"]), "known_at"] for frame in _race_tables(tables)]
    return sorted({instant for instants in [*around, *published, *_mid_race(tables, chosen)] for instant in instants})


def _mid_race(tables: Tables, races: pd.DataFrame) -> list[pd.Series]:
    """Return the instant at which half the laps of each race were known, and the one after it."""
    if "laps" not in tables:
        return []
    laps = tables["laps"][tables["laps"]["race_id"].isin(races["race_id"])]
    half = laps.groupby("race_id")["known_at"].quantile(0.5, interpolation="nearest")
    return [half, half + BEFORE]


def _race_tables(tables: Tables) -> list[pd.DataFrame]:
    return [tables[name] for name in ("practice", "qualifying", "grid") if name in tables]


def usable(group: FeatureGroup, rows: pd.DataFrame, instant: pd.Timestamp) -> pd.DataFrame:
    """Return the rows that a cut-off at `instant` may see, the newest known version of each event."""
    seen = rows[(rows["event_timestamp"] < instant) & (rows["known_at"] <= instant)]
    return seen.drop_duplicates([*group.keys, "event_timestamp"], keep="last")


def differences(
    group: FeatureGroup,
    full: pd.DataFrame,
    replayed: pd.DataFrame,
    instant: pd.Timestamp,
    reason: str = "change when the future is taken away",
) -> list[Violation]:
    """Return where two tables of a group say something else to a cut-off at `instant`; `reason` is told of changed values."""
    full, replayed = (usable(group, rows, instant).reset_index(drop=True) for rows in (full, replayed))
    row = [*group.keys, "event_timestamp"]
    if full[row].equals(replayed[row]) and same_values(full[group.names], replayed[group.names]).all(axis=None):
        return []
    both = full.merge(replayed, on=row, how="outer", suffixes=("", "_then"), indicator=True)
    only = {side: both[both["_merge"] == side].reset_index(drop=True) for side in ("left_only", "right_only")}
    # A row that repeats what precedes it changes nothing that the join hands out: so a withdrawn row is closed.
    preceding = closed(group, only["left_only"], replayed)
    repeats = same_values(
        only["left_only"].sort_values("event_timestamp", kind="stable")[group.names], preceding[group.names]
    )
    early = preceding[~repeats.all(axis=1).to_numpy()]
    found = [
        _violation(group, "row", instant, early, EARLY),
        _violation(group, "row", instant, only["right_only"], REMOVED),
    ]
    common = both[both["_merge"] == "both"]
    for name in group.names:
        differs = ~same_values(common[[name]], common[[f"{name}_then"]])[name]
        found.append(_violation(group, name, instant, common[differs], reason))
    return [violation for violation in found if violation is not None]


def _violation(
    group: FeatureGroup, feature: str, instant: pd.Timestamp, rows: pd.DataFrame, reason: str
) -> Violation | None:
    if rows.empty:
        return None
    example = rows.iloc[0][[*group.keys, "event_timestamp"]].astype(str).to_dict()
    return Violation(group.name, feature, instant, len(rows), example, reason)
