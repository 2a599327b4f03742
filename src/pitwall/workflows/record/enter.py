"""Enter a stored forecast into the track record: the one place that all of them pass, whoever asked for them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pitwall.domain import clock
from pitwall.domain.project import Project
from pitwall.domain.records.track_record import TITLE, content_of, forecast_row, read_rows
from pitwall.domain.tables import load_tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.ml.data.calendar import find_race
from pitwall.workflows.workspace import Workspace

CALENDAR = ["races", "results"]
NOT_THERE = "not in the track record"


def enter(workspace: Workspace, stored: Path, *, what_if: bool = False, now: datetime | None = None) -> None:
    """Enter a stored forecast, once; late where its session has started.

    The session of a forecast within a race is the race, so such a forecast is always late.

    Args:
        workspace: of the project.
        stored: the file.
        what_if: whether a user said who takes part, or on which grid.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.
    """
    content = json.loads(stored.read_text(encoding="utf-8"))
    stage = content["stage"] if content["stage"] in CUTOFF_COLUMN else Stage.PRE_RACE
    calendar = load_tables(workspace.project.tables, CALENDAR).known(now or clock.replayed())
    race = find_race(calendar, content["race"], stage)
    workspace.record.add([forecast_row(stored, content, race.cutoff, what_if=what_if)], now)


def told(project: Project, stored: Path) -> str:
    """Return in a line where a stored forecast stands in the record, and the record's head."""
    rows = read_rows(project)
    content = content_of(stored)
    own = [row for row in rows if row.get("content") == content and row["kind"] == "forecast"]
    if not own:
        return NOT_THERE
    return f"track record: row {own[0]['seq']}, {when(own[0])}; head {rows[-1]['hash']}"


def told_titles(project: Project, season: int) -> str:
    """Return in a line where the newest title forecast of a season stands in the record, and the record's head."""
    rows = read_rows(project)
    own = [row for row in rows if row["kind"] == TITLE and row["season"] == season]
    return f"track record: row {own[-1]['seq']}, {when(own[-1])}; head {rows[-1]['hash']}" if own else NOT_THERE


def when(row: dict[str, Any]) -> str:
    """Say whether a forecast counts, and whether its instant is a replay's."""
    said = ["in time" if row["in_time"] else "late"]
    said += ["a what-if"] * bool(row["in_time"] and row.get("what_if")) + ["replayed"] * bool(row.get("replayed"))
    return ", ".join(said)
