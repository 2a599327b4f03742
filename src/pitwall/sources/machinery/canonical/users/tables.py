"""Make the canonical tables of a user's files: find the races, teams and drivers that the lines name, set the others aside.

When a line became true follows from its session and the calendar (`stamps`). A line that says `knownAt` is known then, or when its
session begins if that is later: what a car ran with cannot be told before it ran.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import SPECS
from pitwall.domain.when import UTC_US
from pitwall.sources.machinery.canonical.stamps import ALWAYS, RACE, SPRINT
from pitwall.sources.machinery.canonical.users.names import Paddock
from pitwall.sources.machinery.snapshots.read import Quarantine, RawTable, read_raw
from pitwall.sources.machinery.snapshots.store import Snapshot

SESSIONS = ("FP1", "FP2", "FP3", "FP4", "Q", SPRINT, RACE)
FIRST = "FP1"
WHOLE_SESSION = 0  # the lap of a line that names none


def user_tables(snapshot: Snapshot, paddock: Paddock, quarantine: Quarantine) -> dict[str, pd.DataFrame]:
    """Return `upgrades` and `corner_speeds` of a snapshot in the columns and types of `SPECS`; the calendar has yet to stamp them."""
    return {
        "upgrades": _upgrades(snapshot, paddock, quarantine),
        "corner_speeds": _speeds(snapshot, paddock, quarantine),
    }


def _upgrades(snapshot: Snapshot, paddock: Paddock, quarantine: Quarantine) -> pd.DataFrame:
    raw = read_raw(snapshot, "upgrades", quarantine)
    raw.data["session"] = raw.data["session"].fillna(FIRST)
    _look_up(raw, "constructor", paddock)
    number = raw.data.groupby(["race_id", "constructor_id"]).cumcount() + 1
    return _unstamped("upgrades", raw.data.assign(number=number), raw.data["knownAt"])


def _speeds(snapshot: Snapshot, paddock: Paddock, quarantine: Quarantine) -> pd.DataFrame:
    raw = read_raw(snapshot, "corner_speeds", quarantine)
    raw.data["lap"] = raw.data["lap"].fillna(WHOLE_SESSION).astype("int64")
    _look_up(raw, "driver", paddock)
    raw.require_unique(["race_id", "driver_id", "session", "lap"])
    return _unstamped("corner_speeds", raw.data.rename(columns={"avgCornerSpeed": "speed"}))


def _look_up(raw: RawTable, kind: str, paddock: Paddock) -> None:
    """Add the ids of races and of teams or drivers, and reject the lines of which one is not clear, or the session is none."""
    raw.data["session"] = raw.data["session"].str.upper()
    raw.reject(~raw.data["session"].isin(SESSIONS), f"session: not one of {', '.join(SESSIONS)}")
    labels = pd.MultiIndex.from_frame(raw.data[["season", "round"]])
    raw.data["race_id"] = paddock.races.reindex(labels).to_numpy()
    raw.reject(raw.data["race_id"].isna(), "round: no race of that season and round")
    asked = raw.data[["season", kind]].drop_duplicates()
    found = {pair: paddock.meant(kind, pair[1], pair[0]) for pair in asked.itertuples(index=False, name=None)}
    ids = [found[pair] for pair in raw.data[["season", kind]].itertuples(index=False, name=None)]
    count = pd.Series([len(each) for each in ids], raw.data.index, dtype="int64")
    raw.data[f"{kind}_id"] = pd.Series([each[0] if each else 0 for each in ids], raw.data.index, dtype="int64")
    raw.reject(count == 0, f"{kind}: nobody has this name")
    raw.reject(count.reindex(raw.data.index) > 1, f"{kind}: several have this name")


def _unstamped(name: str, rows: pd.DataFrame, known_at: pd.Series | None = None) -> pd.DataFrame:
    """Return rows in a table's form: publications that the user tells stand as observed, others are estimated later."""
    spec, early = SPECS[name], pd.Timestamp(ALWAYS, tz="UTC")
    told = pd.Series(pd.NaT, rows.index, dtype=UTC_US) if known_at is None else known_at.astype(UTC_US)
    stamped = rows.assign(event_timestamp=early, known_at=told.fillna(early), known_estimated=told.isna())
    types = {**spec.columns, "event_timestamp": UTC_US, "known_at": UTC_US, "known_estimated": "bool"}
    return stamped[spec.all_columns].astype(types).reset_index(drop=True)
