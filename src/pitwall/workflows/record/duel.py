"""A person's own forecasts: entered into the track record when they are handed in, and held against everybody else's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain import clock
from pitwall.domain.project import Project
from pitwall.domain.records.aliases import CHALLENGER, CHAMPION
from pitwall.domain.records.stored_forecasts import folder
from pitwall.domain.records.track_record import changed_files, standing
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.backtest import market as markets
from pitwall.ml.data.calendar import Race, run_races
from pitwall.ml.data.starters import starters
from pitwall.ml.forecasting.record.duel import Chances, Round, fight
from pitwall.ml.forecasting.record.people import READS, Handed, newest, read_people
from pitwall.ml.templates import Template, template
from pitwall.workflows.workspace import Workspace

BASELINE = "baseline"
NOBODY = "no forecast in time"


def hand_in(workspace: Workspace, file: Path | str, by: str, now: datetime | None = None) -> Handed:
    """Enter a person's forecasts of sessions that have not started; what was said last already is no new row.

    Args:
        workspace: of the project.
        file: where it is, or its text; see `read_people`.
        by: whose they are.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.

    Raises:
        UsageError: the file cannot be read, or nobody is named.
    """
    tables = load_tables(workspace.project.tables, list(READS))
    handed = read_people(file, by, tables, now or clock.now())
    with workspace.exclusive("pitwall record duel"):
        known = newest(workspace.record.rows(), by.strip())
        fresh = [row for row in handed.rows if known.get((row["race"], row["template"]), {}).get("said") != row["said"]]
        workspace.record.add(fresh, now)
    return Handed(tuple(fresh), handed.refused)


def duel(workspace: Workspace, by: str, market: Path | None = None) -> tuple[list[Round], int]:
    """Score a person's forecasts beside champion, challenger, baseline and market; also return how many wait for a result.

    Args:
        workspace: of the project.
        by: whose.
        market: odds, as `pitwall backtest --market` reads them.
    """
    project, rows = workspace.project, workspace.record.rows()
    own = newest(rows, by.strip())
    names = {name for _, asked in own for name in template(asked).tables}
    tables = load_tables(project.tables, sorted({*READS, *names}))
    run = {race.label: race for race in run_races(tables)}
    quotes = markets.read_market(market, tables) if market is not None else None
    changed = {each.seq for each in changed_files(project, rows)}
    kept = [row for row in rows if row["seq"] not in changed]
    rounds = []
    for (label, asked), row in sorted(own.items()):
        race, question = run.get(label), template(asked)
        if race is None or datetime.fromisoformat(row["at"]) >= race.cutoffs[row["stage"]]:
            continue
        sides: dict[str, Chances] = {by.strip(): {int(driver): p for driver, p in row["said"].items()}}
        sides |= _models(project, kept, label, question)
        absent = {side: NOBODY for side in (CHAMPION,) if side not in sides}
        if quotes is not None:
            sides, absent = _with_market(sides, absent, quotes, question, race, tables)
        rounds.append(fight(question, race, tables, sides, absent))
    found = [each for each in rounds if each is not None]
    return found, len(own) - len(found)


def _models(project: Project, rows: list[dict[str, Any]], label: str, question: Template) -> dict[str, Chances]:
    """Return what champion, challenger and the champion's baseline said of a race, at the latest stage with a forecast."""
    found: dict[str, Chances] = {}
    for role in (CHAMPION, CHALLENGER):
        counted = standing(rows, role)
        stages = [stage for stage in reversed(CUTOFF_COLUMN) if stage in question.stages]
        own = [counted[key] for key in ((label, f"{question.model}-{stage}") for stage in stages) if key in counted]
        if not own:
            continue
        said = json.loads((folder(project) / own[0]["file"]).read_text(encoding="utf-8"))["rows"]
        found[role] = _chances(said, "answers", question.name)
        if role == CHAMPION:
            found[BASELINE] = _chances(said, "baseline", question.name)
    return found


def _chances(rows: list[Mapping[str, Any]], side: str, question: str) -> Chances:
    return {row["keys"]["driver_id"]: row[side][question] for row in rows}


def _with_market(  # noqa: PLR0917  (all that a round has)
    sides: Mapping[str, Chances],
    absent: Mapping[str, str],
    quotes: markets.Market,
    question: Template,
    race: Race,
    tables: Tables,
) -> tuple[dict[str, Chances], dict[str, str]]:
    cars = [driver for number, driver in starters(tables).index if number == race.race_id]
    own = pd.DataFrame({"race_id": race.race_id, "season": race.season, "round": race.round, "driver_id": cars})
    found = markets.priced(quotes, question, tables, question.stages[0], own)
    if found is None or found.said.empty:
        why = found.left_out.get(race.label, "no quotes") if found else "no quotes of this question"
        return dict(sides), {**absent, markets.NAME: why}
    chances = found.said[markets.CHANCE].tolist()
    return {**sides, markets.NAME: dict(zip(found.said["driver_id"].tolist(), chances, strict=True))}, dict(absent)
