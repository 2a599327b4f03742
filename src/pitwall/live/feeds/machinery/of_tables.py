"""The events by which a feed would have told the rows of canonical tables, each at its own instant, in the order of that.

A lap is told by its sectors, by the pit lane, by the crossing of the line and, where race control deletes it, by a correction a minute
later. A row of a later snapshot is no event of the race: the first version of each is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from pitwall.domain.tables import SPECS, STAMPS
from pitwall.live.events import KINDS, End, Event, Item, Tick, event, plain

TICK_S = 10.0
DELETED_AFTER_S = 60.0
SECTORS = ("sector_1", "sector_2", "sector_3")
PIT = {"pit_in": "pit_in_seconds", "pit_out": "pit_out_seconds"}
DELETED = ("deleted", "deleted_reason")
Draft = tuple[float, str, dict[str, int], dict[str, Any]]


def events_of(told: Mapping[str, pd.DataFrame]) -> list[Event]:
    """Return the events of one race's live tables, in the order in which a feed says them; their numbers are 0, 1, ..."""
    drafts: list[Draft] = []
    for name, frame in told.items():
        for row in _first_versions(name, frame):
            drafts += _of_lap(row) if name == "laps" else [_of_row(name, row)]
    drafts.sort(key=lambda draft: (draft[0], draft[1], sorted(draft[2].items())))
    return [event(kind, at, number, key, values) for number, (at, kind, key, values) in enumerate(drafts)]


def with_ticks(events: Iterable[Event], every_s: float = TICK_S) -> Iterator[Item]:
    """Yield events, a tick of the feed's clock for every so many seconds in which nothing is said, and the end."""
    now = -math.inf
    for each in events:
        while math.isfinite(now) and each.published_s - now > every_s:
            now += every_s
            yield Tick(now)
        now = max(now, each.published_s)
        yield each
    yield End()


def _first_versions(name: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    key = list(SPECS[name].key)
    first = frame[frame["known_estimated"]].sort_values([*key, "known_at"], kind="stable").drop_duplicates(key)
    rows: list[dict[str, Any]] = first.drop(columns=["race_id", *STAMPS]).to_dict("records")
    return [{column: plain(value) for column, value in row.items()} for row in rows]


def _of_row(name: str, row: dict[str, Any]) -> Draft:
    key = {column: row.pop(column) for column in KINDS[name].key}
    return row["seconds"], name, key, row


def _of_lap(row: dict[str, Any]) -> list[Draft]:
    key = {column: row.pop(column) for column in KINDS["lap"].key}
    end, at = row["end_seconds"], row["start_seconds"]
    drafts: list[Draft] = []
    for name in SECTORS:
        if (seconds := row.pop(name)) is not None:
            at = min(at + seconds, end)
            drafts.append((at, "sector", key, {name: seconds}))
    for kind, column in PIT.items():
        if (seconds := row.pop(column)) is not None:
            drafts.append((min(seconds, end), kind, key, {column: seconds}))
    deleted = {name: row.pop(name) for name in DELETED}
    if deleted["deleted"]:
        drafts.append((end + DELETED_AFTER_S, "deleted", key, deleted))
    elif deleted["deleted"] is not None:
        row["deleted"] = deleted["deleted"]
    return [*drafts, (end, "lap", key, row)]
