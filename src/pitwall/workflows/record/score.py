"""Score the forecasts of the track record whose results are known, and record the ones that were never made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pitwall.domain import clock
from pitwall.domain.project import Project
from pitwall.domain.records.chain import Row
from pitwall.domain.records.stored_forecasts import folder
from pitwall.domain.records.track_record import FORECAST, MISSED, SCORE, TITLE, changed_files, scores, standing
from pitwall.domain.tables import load_tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.ml.championship.record import title_scores
from pitwall.ml.championship.season import READS
from pitwall.ml.data.calendar import Race, find_race, run_races
from pitwall.ml.forecasting.record.scores import needed, scores_of
from pitwall.ml.registry.champion_tenures import champion_at
from pitwall.workflows.record.enter import CALENDAR
from pitwall.workflows.record.live import live_scores
from pitwall.workflows.workspace import Workspace

OVERTAKEN = "row {seq} ({model}, {race}) was entered at {at}, when its session had begun by the start that is known now"


@dataclass(frozen=True)
class Scored:
    """Rows that were written, and forecasts that could not be scored, with the reason."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]


def score(workspace: Workspace, now: datetime | None = None) -> Scored:
    """Add a row for every forecast in time whose scores are new, and for every race that a champion had to forecast and did not.

    Args:
        workspace: of the project.
        now: the instant that is replayed, which the rows say; that of `pitwall.domain.clock` when None.
    """
    now = now or clock.replayed()
    with workspace.exclusive("pitwall record score"):
        rows = workspace.record.rows()
        if not rows:
            return Scored((), ())
        calendar = load_tables(workspace.project.tables, CALENDAR).known(now)
        run = {race.label: race for race in run_races(calendar)}
        early = [row for row in rows if row["kind"] == FORECAST and row["in_time"] and row["race"] in run]
        overtaken = {row["seq"]: OVERTAKEN.format(**row) for row in early if not _before(row, run[row["race"]])}
        changed = {each.seq: each.reason for each in changed_files(workspace.project, early)}
        due = [row for row in early if row["seq"] not in {**overtaken, **changed}]
        new, left_out = _scores(workspace.project, due, scores(rows), now)
        made = [row for row in rows if row["seq"] not in overtaken]
        titles = _titles(workspace.project, rows, now)
        live, unscored = live_scores(workspace.project, rows, now)
        others = [*titles, *_news(live, scores(rows))]
        added = workspace.record.add([*new, *others, *_missed(workspace, made, run)], now)
    return Scored(tuple(added), (*overtaken.values(), *changed.values(), *left_out, *unscored))


def _before(row: Row, race: Race) -> bool:
    """Whether a row was written before the start of its session as it is known now, which may have been moved since."""
    return bool(datetime.fromisoformat(row["at"]) < race.cutoffs[row["stage"]])


def _scores(
    project: Project, due: list[Row], known: Mapping[str, Mapping[str, Any]], now: datetime | None
) -> tuple[list[Row], list[str]]:
    said = {row["content"]: json.loads((folder(project) / row["file"]).read_text(encoding="utf-8")) for row in due}
    names = set(CALENDAR).union(*(needed(content) for content in said.values()))
    tables = load_tables(project.tables, sorted(names)).known(now)
    new, left_out = [], []
    for row in due:
        race = find_race(tables, row["race"], row["stage"])
        found = scores_of(said[row["content"]], race, tables)
        if not found:
            left_out.append(f"row {row['seq']} ({row['model']}, {row['race']}): nothing is known to score it by")
        elif row["content"] not in known or known[row["content"]]["scores"] != found:
            new.append(_score(row, found))
    return new, left_out


def _titles(project: Project, rows: list[Row], now: datetime | None) -> list[Row]:
    """Return the scores of title forecasts in time, of seasons that are over, where they are new."""
    due, known = [row for row in rows if row["kind"] == TITLE and row["in_time"]], scores(rows)
    if not due:
        return []
    tables = load_tables(project.tables, list(READS)).known(now)
    return _news([(row, title_scores(row, tables)) for row in due], known)


def _news(told: Iterable[tuple[Row, Any]], known: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Return rows of scores that say anything else than the last ones of the same forecast."""
    return [_score(row, found) for row, found in told if found and known.get(row["content"], {}).get("scores") != found]


def _score(row: Row, found: Mapping[str, Any]) -> Row:
    about = {name: row[name] for name in ("race", "stage", "model", "version", "content")}
    return {"kind": SCORE, **about, "scores": found}


def _missed(workspace: Workspace, rows: list[Row], run: Mapping[str, Race]) -> list[Row]:
    """Return a row for each race since the record began of which a champion's forecast in time lacks.

    A model is due at a start if it had a champion then by the history, or a forecast in the record: a season that is replayed with `now` has
    its promotions at other instants.
    """
    began, counted = datetime.fromisoformat(rows[0]["at"]), standing(rows)
    found = []
    for model in workspace.registry.models():
        stage = model.rpartition("-")[2]
        if stage not in CUTOFF_COLUMN:
            continue
        history = workspace.history.rows(model)
        own = [row for row in rows if row["kind"] == FORECAST and row["model"] == model]
        first = datetime.fromisoformat(own[0]["at"]) if own else None
        for label, race in run.items():
            start = race.cutoffs[Stage(stage)].to_pydatetime().astimezone(UTC)
            due = champion_at(history, start) is not None or (first is not None and first < start)
            if start > began and due and (label, model) not in counted:
                about = {
                    "race": label,
                    "stage": stage,
                    "model": model,
                    "starts_at": start.isoformat(timespec="seconds"),
                }
                found.append({"kind": MISSED, **about})
    return found
