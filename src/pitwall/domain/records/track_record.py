"""The track record: every forecast with the start of its session, then its scores, as a chain of rows in `mlruns/forecasts.jsonl`.

Pure functions on rows and lines. A row is in time if it was written before its session started; this is said by the row itself and
counted again from its instants. The chain shows what was changed between its rows; that its end was cut off, or that all of it was written
anew, is seen only beside the hash of a row (a *head*) that was kept elsewhere before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from pitwall.domain import clock
from pitwall.domain.project import Project
from pitwall.domain.records.ab_races import overlaps
from pitwall.domain.records.ab_rows import AB, FAILED, lacking
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.records.chain import BROKEN, Break, Row, breaks, is_link, parse, recorded
from pitwall.domain.records.live_rows import HOLDS as LIVE_HOLDS
from pitwall.domain.records.live_rows import LIVE, is_prompt
from pitwall.domain.records.stored_forecasts import folder, instant_of

FILE = "forecasts.jsonl"
HEAD_TAG = "pitwall.record_head"  # on a registered model: the newest row of the record when one about it was written
FORECAST, TITLE, OWN, SCORE, MISSED = "forecast", "title", "own", "score", "missed"
TITLES = ("drivers_title", "constructors_title")  # what a title forecast speaks of
REPLAYED, WRITTEN = "replayed", "written_at"  # of a row whose instant is that of a replay: so, and when it was written
DATED = (FORECAST, TITLE, OWN, LIVE)  # kinds of rows that must stand before a start, or be prompt
_ABOUT = {"at", "model", "race", "stage"}
_SESSION = {"starts_at", "in_time"}
HOLDS = {
    FORECAST: _ABOUT | _SESSION | {"version", "role", "templates", "file", "content", "made_at", "what_if"},
    TITLE: _ABOUT | _SESSION | {"version", "content", "season", "after", "draws", "said"},
    OWN: _ABOUT | _SESSION | {"template", "by", "said"},
    LIVE: _ABOUT | LIVE_HOLDS,
    SCORE: _ABOUT | {"version", "content", "scores"},
    MISSED: _ABOUT | {"starts_at"},
    AB: {"at", "model", "event"},
    BROKEN: {"at", "model", "findings"},
}  # what rows of each kind say


def record_file(project: Project) -> Path:
    """Return where the record of a project is kept."""
    return project.mlruns / FILE


def links_of(lines: Iterable[str]) -> list[Row]:
    """Return the links of the chain, oldest first, whatever they say."""
    return [row for row in map(parse, lines) if row is not None and is_link(row)]


def rows_of(lines: Iterable[str]) -> list[Row]:
    """Return the rows of lines, oldest first; a line that holds none is left out (and `verify` names it)."""
    return [row for row in links_of(lines) if not _lacking(row)]


def read_rows(project: Project) -> list[Row]:
    """Return the rows of a project's record; none where there is no record yet."""
    path = record_file(project)
    return rows_of(path.read_text(encoding="utf-8", errors="replace").split("\n")) if path.is_file() else []


def instant(now: datetime | None = None) -> str:
    """Return an instant as rows say it, in whole seconds of UTC; now when None."""
    return (now or clock.now()).astimezone(UTC).isoformat(timespec="seconds")


def content_of(path: Path) -> str:
    """Return the sha256 of a stored forecast's bytes."""
    return sha256(path.read_bytes()).hexdigest()


def forecast_row(path: Path, content: Mapping[str, Any], starts_at: datetime, *, what_if: bool) -> Row:
    """Return the row of a stored forecast, without its place in the chain.

    Args:
        path: of its file.
        content: what it says.
        starts_at: when its session starts, as known now.
        what_if: whether a user said who takes part, or on which grid.
    """
    return {
        "kind": FORECAST,
        **{name: content[name] for name in ("race", "stage", "model", "version", "role", "cutoff")},
        "templates": sorted({name for row in content["rows"] for name in row["answers"]}),
        "file": path.name,
        "content": content_of(path),
        "made_at": instant(instant_of(content)),
        "starts_at": instant(starts_at),
        "what_if": what_if,
    }


def in_time(row: Mapping[str, Any]) -> bool:
    """Return whether a row was written, and what it is about was made, before the session's start; within a race, promptly."""
    if row["kind"] == LIVE:
        return is_prompt(row)
    written = [datetime.fromisoformat(row[name]) for name in ("at", "made_at") if name in row]
    return max(written) < datetime.fromisoformat(row["starts_at"])


def entered(row: Mapping[str, Any], at: str) -> Row:
    """Return a row as it is written at an instant: one about a session says whether that is in time."""
    dated = {**row, "at": at}
    return {**dated, "in_time": in_time(dated)} if row["kind"] in DATED else dated


def identity(row: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return what must not stand in the record twice; None of rows that may."""
    if row["kind"] in {FORECAST, TITLE}:
        return row["kind"], row["content"]
    if row["kind"] == LIVE:
        return LIVE, row["race"], row["model"], row["share"]
    if row["kind"] == MISSED:
        return MISSED, row["race"], row["model"]
    if row["kind"] == AB and row["event"] == FAILED:
        return AB, row["test"], row["race"], row["model"], row["version"], row["why"]
    return None


def standing(rows: Iterable[Mapping[str, Any]], role: str = CHAMPION) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return {(race, model): the forecast that counts}: the newest one in time of a role, what-ifs aside."""
    counted = [
        row for row in rows if row["kind"] == FORECAST and row["in_time"] and not row["what_if"] and row["role"] == role
    ]
    return {(row["race"], row["model"]): row for row in counted}


def scores(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return {content of a forecast: its newest row of scores}; after a correction there are several."""
    return {row["content"]: row for row in rows if row["kind"] == SCORE}


def verify(lines: Sequence[str], head: str = "", noted: datetime | None = None) -> list[Break]:
    """Return what is wrong with a record: within it, and beside a head that was kept elsewhere.

    Args:
        lines: whole lines.
        head: hash of a row, as it was exported before; none when empty.
        noted: when that head was exported: rows behind it that claim to be older are back-dated.
    """
    links = links_of(lines)
    strange = [
        Break(row["seq"], f"row {row['seq']} is no row of a record: {why}") for row in links if (why := _lacking(row))
    ]
    return [*breaks(lines), *strange, *_of_rows(rows_of(lines)), *_beside(links, head, noted), *recorded(lines)]


def changed_files(project: Project, rows: Iterable[Mapping[str, Any]]) -> list[Break]:
    """Return which stored forecasts are no longer those of their rows."""
    found = []
    for row in (row for row in rows if row["kind"] == FORECAST):
        path = folder(project) / row["file"]
        if not path.is_file():
            found.append(Break(row["seq"], f"the forecast of row {row['seq']}, {row['file']}, is gone"))
        elif content_of(path) != row["content"]:
            found.append(Break(row["seq"], f"the forecast of row {row['seq']}, {row['file']}, was edited"))
    return found


def _lacking(row: Row) -> str:
    """Say what a link lacks to be a row of a record; empty if it lacks nothing."""
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in HOLDS:
        return f"its kind is {kind!r}"
    if missing := HOLDS[kind] - set(row):
        return f"it lacks {', '.join(sorted(missing))}"
    return _wrong_values(row, kind)


def _wrong_values(row: Row, kind: str) -> str:
    """Say what is wrong with the values of a row that holds all it must; empty if nothing is."""
    try:
        if kind == AB and (why := lacking(row)):
            return why
        if row["at"] != instant(datetime.fromisoformat(row["at"])):
            return f"its instant is {row['at']!r}"
        if kind in DATED:
            in_time(row)
        if (REPLAYED in row or WRITTEN in row) and not (
            row.get(REPLAYED) is True and datetime.fromisoformat(row[WRITTEN])
        ):
            return f"it says {REPLAYED} {row.get(REPLAYED)!r}"
    except (TypeError, ValueError, KeyError) as error:
        return f"its instants are none ({error})"
    return ""


def _of_rows(rows: Sequence[Row]) -> list[Break]:
    return [*_times(rows), *overlaps(rows)]


def _times(rows: Sequence[Row]) -> list[Break]:
    """Find rows that claim to be older than the row before, and those that say in time what was late."""
    found = [
        Break(row["seq"], f"row {row['seq']} says {row['at']}, before row {earlier['seq']}: back-dated")
        for earlier, row in pairwise(rows)
        if row["at"] < earlier["at"]
    ]
    wrong = [row for row in rows if row["kind"] in DATED and row["in_time"] is not in_time(row)]
    return [
        *found,
        *(
            Break(row["seq"], f"row {row['seq']} says in_time {row['in_time']}, and its instants do not")
            for row in wrong
        ),
    ]


def _beside(links: Sequence[Row], head: str, noted: datetime | None) -> list[Break]:
    if not head:
        return []
    places = [place for place, row in enumerate(links) if row["hash"] == head]
    if not places:
        return [Break(None, f"no row has the hash {head}: the record was cut off before that row, or written anew")]
    behind = [row for row in links[places[0] + 1 :] if not _lacking(row)]
    return [
        Break(
            row["seq"],
            f"row {row['seq']} says {row['at']}, and stands behind a head that was noted at {noted}: back-dated",
        )
        for row in behind
        if noted is not None and row["at"] < instant(noted)
    ]
