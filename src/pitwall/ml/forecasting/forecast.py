"""The forecast of a race: the champion's answer, with its baseline, its caveats and where it comes from.

A past race that the champion was judged on is answered by its stored out-of-sample prediction; the champion itself has
since learned from that race. Everything a reader must know to read the numbers right is a label.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.ports import FeatureReader, ModelVersion, Registry
from pitwall.domain.project import Project
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.records.stored_forecasts import file_name, first_of, folder, text_of
from pitwall.domain.refs import file_md5
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import Stage
from pitwall.features import feature_sets
from pitwall.ml.data.calendar import READS, Race, find_race, last_race, next_race
from pitwall.ml.families.order.answer import place_columns, position_matrix
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.ml.families.predictions import WHO, load_predictions, prediction_table
from pitwall.ml.forecasting.answering import answering, known_stage
from pitwall.ml.forecasting.entrants import Lineup, lineup
from pitwall.ml.forecasting.explanations import Reason, reasons
from pitwall.ml.forecasting.model_inputs import race_vectors
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob

DIGITS = 6
NEEDED = {*READS, "entries", "drivers", "constructors"}
REPLAY = "no race without results: the last race is replayed as of its cut-off"
JUDGED = "past race: the out-of-sample prediction that the model was judged by"
LEARNED = "past race: the model has learned from its result since, so this is no forecast to score"
ASSUMED = "the calendar has no time for it: this cut-off, {:%Y-%m-%d %H:%M} UTC, is assumed"
EXPLAINED = "the contributions are those of the champion as it stands now; the probabilities are out of sample"


@dataclass(frozen=True)
class ForecastRow:
    """One car.

    Attributes:
        driver_id: of the driver; `code` may be None, as old drivers have none.
        grid: starting slot as the model saw it; None before it is known.
        events: P(event) by template, e.g. race_winner, podium, points.
        expected_place: mean of the place distribution.
        places: P(place 1), P(place 2), ...
        baseline: P(event) by template of the baseline.
        why: the strongest reasons for its score, empty where the model cannot tell.
    """

    driver_id: int
    driver: str
    code: str | None
    team: str
    grid: float | None
    events: Mapping[str, float]
    expected_place: float
    places: tuple[float, ...]
    baseline: Mapping[str, float]
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """A forecast of one race, the most probable winner first.

    `model`, `stage` and `cutoff` are of the model that answers, `asked` is the one that was asked for (empty in forecasts of earlier
    versions).
    """

    race: str
    race_name: str
    stage: str
    cutoff: str
    model: str
    version: int
    role: str
    estimator: str
    baseline: str
    labels: tuple[str, ...]
    rows: tuple[ForecastRow, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""

    def to_json(self) -> str:
        """Return the forecast as JSON; the same forecast gives the same text."""
        return text_of(asdict(self))


def forecast(
    job: TrainingJob,
    registry: Registry,
    reader: FeatureReader,
    provenance: Mapping[str, str],
    *,
    race: str | None = None,
    entries: Path | None = None,
    grid: Path | None = None,
    replay: bool = False,
) -> Forecast:
    """Return the champion's forecast.

    Args:
        job: names the model and the project.
        registry: that knows the champion.
        reader: of features.
        provenance: recorded with the forecast.
        race: e.g. 2024-24; the next race when None.
        entries: what-if entry file (see `pitwall.ml.forecasting.entrants`).
        grid: what-if grid file.
        replay: forecast the last race when there is no next one.

    Raises:
        ForecastError: there is no race to forecast, no champion, or an input is wrong.
    """
    tables = load_tables(job.project.tables, _needed(job))
    asked, (chosen, labels) = job.name, _choose(tables, job, race, replay)
    if not chosen.run:
        job, chosen, labels = _coming(job, registry, tables, chosen, grid)
    champion = _champion(job, registry)
    folder = registry.fetch(job.name, champion.version)
    line = lineup(tables, chosen, entries, grid)
    frame, more = race_vectors(job, reader, tables, chosen, line, version=champion.version)
    ours, last = _answer(folder, chosen, line, frame)
    base = job.target / "baseline"
    theirs, _ = _answer(base, chosen, line, frame)
    model = FittedModel.load(folder)
    why = reasons(model, frame)
    if any(why) and JUDGED in last:
        last = [*last, EXPLAINED]
    return Forecast(
        race=chosen.label,
        race_name=chosen.name,
        stage=job.stage,
        cutoff=chosen.cutoff.isoformat(),
        model=job.name,
        version=champion.version,
        role=CHAMPION,
        estimator=model.name,
        baseline=str(theirs[WHO].iloc[0]),
        labels=(*labels, *line.labels, *more, *last),
        rows=_rows(job.model, tables, frame, ours, theirs, why=why),
        provenance={**provenance, "model.content": champion.content, "model.run": champion.run_id, **_data(job)},
        asked=asked,
    )


def store(project: Project, made: Forecast) -> Path:
    """Write a forecast below `reports/forecasts` with the instant at which it was made; the same one only once."""
    content = json.loads(made.to_json())
    if earlier := first_of(project, content):
        return earlier  # a stored forecast is never written again: its first date is what counts
    content = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), **content}
    path = folder(project) / file_name(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(text_of(content) + "\n", encoding="utf-8")
    fresh.replace(path)  # in one step: a kill leaves no half forecast under its name
    return path


def read(path: Path) -> Forecast:
    """Return a stored forecast."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content.pop("made_at")
    rows = tuple(_read_row(row) for row in content["rows"])
    return Forecast(**{**content, "labels": tuple(content["labels"]), "rows": rows})


def _read_row(row: Mapping[str, Any]) -> ForecastRow:
    why = tuple(Reason(**reason) for reason in row.get("why", ()))  # forecasts of earlier versions gave no reasons
    return ForecastRow(**{**row, "places": tuple(row["places"]), "why": why})


def only(made: Forecast, templates: Sequence[str]) -> Forecast:
    """Return the forecast with the answers to some questions, the baseline's too; all of them when none is named."""
    rows = [
        replace(
            row,
            events={name: row.events[name] for name in templates or row.events},
            baseline={name: row.baseline[name] for name in templates or row.baseline},
        )
        for row in made.rows
    ]
    return replace(made, rows=tuple(rows))


def _needed(job: TrainingJob) -> list[str]:
    """Return the tables that a forecast looks at, those of the weekend's own sessions for what-ifs: lap times are large."""
    sessions = {
        name for group in feature_sets()[job.definition.feature_set] if "race" in group.entities for name in group.reads
    }
    return sorted(NEEDED | sessions)


def _choose(tables: Tables, job: TrainingJob, race: str | None, replay: bool) -> tuple[Race, list[str]]:
    if race is not None:
        return find_race(tables, race, job.stage), []
    chosen = next_race(tables, job.stage, job.params)
    if chosen is not None:
        return chosen, []
    last = last_race(tables, job.stage)
    if replay:
        return last, [REPLAY]
    raise ForecastError(
        f"the data hold no race without results (the last one is {last.label}, {last.name}); name a past race to see its "
        f"forecast as of its cut-off: `pitwall forecast --race {last.label}`."
    )


def _coming(
    job: TrainingJob, registry: Registry, tables: Tables, race: Race, grid: Path | None
) -> tuple[TrainingJob, Race, list[str]]:
    """Return who answers for a race to come, the race at that stage, and what must be said of both."""
    job, labels = answering(job, registry, Stage.PRE_RACE if grid is not None else known_stage(tables, race))
    race = race.at(job.stage)
    assumed = [ASSUMED.format(race.cutoff)] if job.stage in race.assumed else []
    return job, race, [*race.overdue, *labels, *assumed]


def _champion(job: TrainingJob, registry: Registry) -> ModelVersion:
    champion = registry.alias(job.name, CHAMPION)
    if champion is None:
        raise ForecastError(f"{job.name} has no champion; train and promote one: `pitwall promote {job.name}`.")
    return champion


def _answer(folder: Path, race: Race, line: Lineup, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the predictions of a model folder for the race, aligned with the frame, and what must be said of them."""
    if race.run and line.recorded and line.grid is None:
        judged = load_predictions(folder)
        own = judged[judged["race_id"] == race.race_id].sort_values("driver_id", ignore_index=True)
        if list(own["driver_id"]) == list(frame["driver_id"]):
            beyond = place_columns(own)[len(own) :]  # places of larger fields
            return own.drop(columns=beyond), [JUDGED]
    model = FittedModel.load(folder)
    table = prediction_table(model.name, model.role, frame, model.answer(frame), model.recipe.definition.kind)
    return table, [LEARNED] if race.run else []


def _rows(
    model: str,
    tables: Tables,
    frame: pd.DataFrame,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    *,
    why: Sequence[tuple[Reason, ...]],
) -> tuple[ForecastRow, ...]:
    newest = tables.only("drivers", "constructors").as_of()
    drivers = newest["drivers"].set_index("driver_id")
    teams = newest["constructors"].set_index("constructor_id")["name"]
    events, baseline = _events(model, ours), _events(model, theirs)
    matrix = position_matrix(ours)
    grid = frame["grid"] if "grid" in frame else pd.Series(np.nan, index=frame.index)
    rows = [
        ForecastRow(
            driver_id=int(car["driver_id"]),
            driver=str(drivers.loc[car["driver_id"], "name"]),
            code=_text(drivers.loc[car["driver_id"], "code"]),
            team=str(teams[car["constructor_id"]]),
            grid=None if pd.isna(grid[index]) else float(grid[index]),
            events=events[index],
            expected_place=round(float(expected_place(matrix)[index]), DIGITS),
            places=tuple(round(float(p), DIGITS) for p in matrix[index]),
            baseline=baseline[index],
            why=why[index],
        )
        for index, car in enumerate(frame.to_dict("records"))
    ]
    return tuple(sorted(rows, key=lambda row: (-row.places[0], row.expected_place, row.driver_id)))


def _events(model: str, predictions: pd.DataFrame) -> list[dict[str, float]]:
    chances = {template.name: template.answer(predictions) for template in answered_by(model)}
    return [
        {name: round(float(p.iloc[index]), DIGITS) for name, p in chances.items()} for index in range(len(predictions))
    ]


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _data(job: TrainingJob) -> dict[str, str]:
    path = job.frame_path
    return {"frame.md5": file_md5(path) if path.is_file() else "absent"}
