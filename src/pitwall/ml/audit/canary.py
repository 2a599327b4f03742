"""Canaries: absurd rows that nobody can know yet are added, and nothing said before them may move.

Three kinds: everything after a cut-off becomes absurd (huge, then tiny: a maximum notices the one, a minimum the other);
an absurd race is added ten years later; and some lines of a past race are published late with absurd values, table by
table, for code that looks at when things happened instead of when they were known.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd

from pitwall.domain.tables import SPECS, Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.build import build_group, compute_group
from pitwall.features.machinery.replay import REMOVED, Violation, differences
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import EVERY, Finding, from_violations
from pitwall.ml.audit._subject import Audited

log = logging.getLogger(__name__)

NAME = "canary"
HUGE, TINY = 1e6, 1e-6
IDS = {"constructor_id", "circuit_id", "season", "round"} | {key for spec in SPECS.values() for key in spec.key}
DATED = "change when rows that were not known yet turn absurd"
LATE = "change when lines of the race before are published late, with absurd values"


def _run(audited: Audited) -> list[Finding]:
    found: list[Violation] = []
    failed = []
    for tables, instant, reason in _worlds(audited):
        try:
            found += _moved(audited, tables, instant, reason)
        except Exception as error:  # code may refuse absurd values; then it cannot be judged by them
            log.debug("a canary could not be judged", exc_info=True)
            failed.append(f"{type(error).__name__}: {error}")
    findings = from_violations(NAME, audited.group, found)
    if failed:
        reason = f"could not be judged by {len(failed)} canaries: the group fails on absurd values"
        findings.append(Finding(NAME, "warning", audited.group.name, EVERY, 0, {"error": failed[0]}, reason))
    return findings


def _worlds(audited: Audited) -> Iterator[tuple[Tables, pd.Timestamp, str]]:
    """Return tables with canaries, the instant before which nothing may move, and what it is called if it does."""
    subject = audited.subject
    tables = subject.tables.only(*dict.fromkeys(audited.group.reads))
    races = subject.some_races(subject.effort.cutoffs, salt=1)
    yield with_absurd_race(tables), subject.now, DATED
    for number, race in enumerate(races):
        start = subject.start_of(race)
        yield absurd_after(tables, start, (HUGE, TINY)[number % 2]), start, DATED
    before = int(subject.races[list(subject.races).index(races[0]) - 1])
    for name in tables:
        if name != "races" and "race_id" in tables[name]:
            start = subject.start_of(races[0])
            yield tables.replace(**{name: _late(tables[name], before, start)}), start, LATE


def _moved(audited: Audited, tables: Tables, instant: pd.Timestamp, reason: str) -> list[Violation]:
    """Return what the canaries moved; rows that they only hold back are rightly not known yet."""
    group, params = audited.group, audited.subject.params
    said = compute_group(group, tables.cut(instant), params) if reason == LATE else audited.full
    found = differences(group, build_group(group, tables, params), said, instant, reason)
    return [each for each in found if not (reason == LATE and each.reason == REMOVED)]


def absurd_after(tables: Tables, instant: pd.Timestamp, factor: float) -> Tables:
    """Return the tables with the numbers of all rows that `instant` cannot know multiplied."""
    return tables.replace(
        **{name: _absurd_where(frame, ~_usable(frame, instant), factor) for name, frame in tables.items()}
    )


def with_absurd_race(tables: Tables) -> Tables:
    """Return the tables with a copy of the last race ten years later, its numbers a million times too large."""
    dated = [name for name in tables if "race_id" in tables[name]]
    newest = pd.concat([tables[name][["race_id", "event_timestamp"]] for name in dated] or [pd.DataFrame()])
    last = newest["race_id"].iloc[newest["event_timestamp"].argmax()] if len(newest) else None
    added = {}
    for name in dated:
        rows = tables[name]
        future = _in_ten_years(name, rows[rows["race_id"] == last])
        added[name] = pd.concat([rows, future], ignore_index=True)
    return tables.replace(**added)


def _in_ten_years(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    future = _absurd_where(rows, np.ones(len(rows), dtype=bool), HUGE)
    for column, dtype in rows.dtypes.items():
        if str(dtype) == UTC_US:
            future[column] = (rows[column] + pd.DateOffset(years=10)).astype(UTC_US)
    if name == "races":
        future["season"] += 10
    return future.assign(race_id=rows["race_id"] + 1_000_000)


def _late(rows: pd.DataFrame, race: int, instant: pd.Timestamp) -> pd.DataFrame:
    """Return the rows with every second line of a race published a day after an instant."""
    lines = np.flatnonzero((rows["race_id"] == race) & _usable(rows, instant))[1::2]
    late = np.zeros(len(rows), dtype=bool)
    late[lines] = True
    changed = _absurd_where(rows, late, HUGE)
    published = (changed["known_at"].where(~late, instant + pd.Timedelta(days=1))).astype(UTC_US)
    return changed.assign(known_at=published)


def _usable(rows: pd.DataFrame, instant: pd.Timestamp) -> pd.Series:
    return (rows["event_timestamp"] < instant) & (rows["known_at"] <= instant)


def _absurd_where(rows: pd.DataFrame, where: pd.Series | np.ndarray, factor: float) -> pd.DataFrame:
    changed = rows.copy()
    for column, dtype in rows.dtypes.items():
        if column not in IDS and str(dtype) in {"int64", "float64"}:
            absurd = rows[column] * factor
            absurd = absurd.clip(lower=1).astype("int64") if str(dtype) == "int64" else absurd
            changed[column] = rows[column].where(~np.asarray(where), absurd)
    return changed


CHECK = Check(
    NAME,
    "Absurd rows that nobody can know yet move nothing said before them",
    "any use of later rows, also beyond the end of the data, and of rows that happened but were published later",
    "what the code brought along from outside the tables; few cut-offs are tried, so leaks in few rows may pass",
    _run,
    follows="data",
)
