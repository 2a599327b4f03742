"""Score forecasts within races once the results are known: each share of the distance by itself, beside the answer to beat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from pitwall.domain.project import Project
from pitwall.domain.records.chain import Row
from pitwall.domain.records.live_rows import LIVE, SCORED_AS
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import Stage
from pitwall.ml.data.calendar import READS, Race, run_races
from pitwall.ml.forecasting.record.scores import score
from pitwall.ml.templates import template

SIDES = {"ours": "said", "baseline": "baseline"}
OVER = "row {seq} ({model}, {race}) was entered at {at}, when the race was over"
UNKNOWN = "row {seq} ({model}, {race}): nothing is known to score it by"
LASTS = pd.Timedelta(hours=2)  # a race whose winner has no time


def live_scores(project: Project, rows: list[Row], now: datetime | None) -> tuple[list[tuple[Row, Any]], list[str]]:
    """Return forecasts within races that are in time, each with its scores, and why others have none.

    Args:
        project: with tables.
        rows: of the record.
        now: as of when results are known.
    """
    early = [row for row in rows if row["kind"] == LIVE and row["in_time"]]
    if not early:
        return [], []
    names = {*READS, *(name for each in SCORED_AS.values() for name in template(each).tables)}
    tables = load_tables(project.tables, sorted(names)).known(now)
    run = {race.label: race for race in run_races(tables)}
    found, left_out = [], []
    for row in (row for row in early if row["race"] in run):
        race = run[row["race"]]
        scores = {} if _over(row, race, tables) else _scores(row, race, tables)
        if scores:
            found.append((row, scores))
        else:
            left_out.append((OVER if _over(row, race, tables) else UNKNOWN).format(**row))
    return found, left_out


def _over(row: Row, race: Race, tables: Tables) -> bool:
    """Return whether the winner had crossed the line when a row was written."""
    own = tables["results"].query("race_id == @race.race_id and place == 1")["seconds"].dropna()
    lasted = pd.Timedelta(seconds=float(own.iloc[0])) if len(own) else LASTS
    return bool(datetime.fromisoformat(row["at"]) >= race.cutoffs[Stage.PRE_RACE] + lasted)


def _scores(row: Row, race: Race, tables: Tables) -> dict[str, dict[str, Mapping[str, float]]]:
    found: dict[str, dict[str, Mapping[str, float]]] = {}
    for question in row["said"]:
        sides = {side: _side(question, row[where].get(question, {}), race, tables) for side, where in SIDES.items()}
        if sides["ours"]:
            found[question] = {side: scores for side, scores in sides.items() if scores}
    return found


def _side(question: str, said: Mapping[str, float], race: Race, tables: Tables) -> Mapping[str, float] | None:
    if not said:
        return None
    keys = [{"driver_id": int(driver)} for driver in said]
    return score(template(SCORED_AS[question]), race, keys, list(said.values()), tables)
