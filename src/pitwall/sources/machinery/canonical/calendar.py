"""The calendar as it moves from snapshot to snapshot: one start per race, and races that are called off.

A race that moved is a new version of its row; when it starts is what the newest snapshot says, for all versions and for all
that is stamped by it. A race that leaves the calendar before it was run was *called off*: a last version says so, its label
(season and round) is free for another race, and what was published of its weekend is set aside. A snapshot whose lines of a
season did not all read calls nothing off: a race may be missing because its line is broken.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import pandas as pd

from pitwall.domain.tables import SPECS
from pitwall.sources.machinery.snapshots.read import Quarantine

INSTANTS = ["starts_at", "qualifying_at", "practice_at", "sprint_at"]
FLAGS = ["start_estimated", "qualifying_estimated", "practice_estimated"]
SESSIONS = ["FP1", "FP2", "FP3", "FP4"]
MOST_CALLED_OFF = 3  # planned races of a season that one snapshot may drop unreplaced; more are a file cut short
CALLED_OFF = "the race was called off"
TAKEN_BACK = "the source took the race back, which was accepted"


class Calendar:
    """When each race takes place, as the newest snapshot that holds it says."""

    def __init__(self) -> None:
        self._newest = pd.DataFrame()

    def learn(self, races: pd.DataFrame) -> None:
        """Take the instants of one snapshot's shaped `races`, the session starts included."""
        told = races.set_index("race_id")[[*INSTANTS, *FLAGS, *SESSIONS]]
        before = self._newest[~self._newest.index.isin(told.index)]
        self._newest = pd.concat([before, told]) if len(before) else told

    @property
    def instants(self) -> pd.DataFrame:
        """Return, by race_id, the starts of all sessions and which of them were assumed."""
        return self._newest

    def timed(self, races: pd.DataFrame) -> pd.DataFrame:
        """Return all versions of `races` with the instants that are known now; `planned_at` keeps what each announced."""
        now = self._newest.loc[races["race_id"], [*INSTANTS, *FLAGS]].set_index(races.index)
        return races.assign(**{name: now[name].astype(races[name].dtype) for name in now})


def missing_races(known: pd.DataFrame, races: pd.DataFrame) -> pd.DataFrame:
    """Return the newest version of each known race that a snapshot does not hold."""
    newest = known.drop_duplicates("race_id", keep="last")
    return newest[~newest["race_id"].isin(races["race_id"])]


def too_many(left: pd.Series, came: pd.Series) -> pd.Series:
    """Return which races left a season that lost more than are ever called off at once.

    Args:
        left: the season of each race that left the calendar.
        came: the season of each race that it did not hold before: one that takes the place of another leaves no gap.
    """
    replaced = left.map(came.value_counts()).fillna(0)
    return left.map(left.value_counts()) - replaced > MOST_CALLED_OFF


def with_called_off(
    known: pd.DataFrame,
    races: pd.DataFrame,
    run: Collection[int],
    broken: Collection[int] | None,
    accepted: Collection[int],
) -> pd.DataFrame:
    """Return a snapshot's races and, as called off, those that it no longer holds.

    Args:
        known: all versions of `races` so far.
        races: the snapshot's canonical races.
        run: ids of races with results: these do not vanish.
        broken: seasons of whose lines some could not be read; None where the season of such a line is not known.
        accepted: ids whose removal somebody accepted when the snapshot was taken.
    """
    gone = missing_races(known, races)
    left = gone[~gone["race_id"].isin(run) & ~gone["called_off"]]
    planned = set(known["race_id"]) - set(called_off(known)["race_id"])
    whole = ~too_many(left["season"], races.loc[~races["race_id"].isin(planned), "season"])
    whole &= ~left["season"].isin(broken or ()) & (broken is not None)
    off = gone[gone["race_id"].isin(left.loc[whole, "race_id"]) | gone["race_id"].isin(accepted) | gone["called_off"]]
    return pd.concat([races, off.assign(called_off=True)[races.columns]], ignore_index=True).astype(races.dtypes)


def broken_seasons(aside: pd.DataFrame) -> set[int] | None:
    """Return the seasons of lines of `races` that were set aside; None where a line does not say its season."""
    lines = aside.loc[aside["table"] == "races", "row"].map(lambda text: json.loads(text).get("year"))
    years = pd.to_numeric(lines, errors="coerce")
    return None if years.isna().any() else {int(year) for year in years}


def called_off(races: pd.DataFrame) -> pd.DataFrame:
    """Return the newest version of each race that is called off now."""
    newest = races.drop_duplicates("race_id", keep="last")
    return newest[newest["called_off"]]


def labels(races: pd.DataFrame) -> dict[str, str]:
    """Return {season and round: name} of races."""
    named = races["season"].astype(str) + "-" + races["round"].astype(str).str.zfill(2)
    return dict(zip(named, races["name"], strict=True))


def without_races(
    tables: Mapping[str, pd.DataFrame], races: Collection[int], reason: str, aside: Quarantine
) -> dict[str, pd.DataFrame]:
    """Return the tables without what was published of the weekends of some races, which is set aside for a reason."""
    kept = dict(tables)
    for name, frame in tables.items():
        if "race_id" in frame and name != "races":
            kept[name] = without_lines(name, frame, frame["race_id"].isin(races), reason, aside)
    return kept


def without_lines(name: str, frame: pd.DataFrame, lines: pd.Series, reason: str, aside: Quarantine) -> pd.DataFrame:
    """Return a table without some lines, which are set aside for a reason."""
    if not lines.any():
        return frame
    rows = frame.loc[lines, list(SPECS[name].columns)].astype("string").astype(object)
    aside.add(name, reason, rows.where(rows.notna(), None).to_dict("records"))
    return frame[~lines].reset_index(drop=True)
