"""The forecast of a race: the champion's (or its challenger's) answer, with its baseline, its caveats and where it comes from.

A past race that the champion was judged on is answered by its stored out-of-sample prediction; the champion itself has
since learned from that race. Everything a reader must know to read the numbers right is a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import ForecastError, UsageError
from pitwall.domain.keys import DRIVER
from pitwall.domain.ports import FeatureReader, ModelVersion, Registry
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.records.stored_forecasts import CALLED
from pitwall.domain.refs import file_md5
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.ml.data.calendar import READS, Race, find_race, last_race, next_race
from pitwall.ml.evaluation.scoring import called
from pitwall.ml.families.predictions import WHO, load_predictions, prediction_table
from pitwall.ml.forecasting.answering import answering, known_stage
from pitwall.ml.forecasting.answers import AnswerRow, Forecast, only, read, store
from pitwall.ml.forecasting.entrants import lineup
from pitwall.ml.forecasting.explanations import reasons
from pitwall.ml.forecasting.in_race import race_under_way, rows_asked
from pitwall.ml.forecasting.model_inputs import race_vectors, rows_before
from pitwall.ml.forecasting.record.hindsight import AS_OF_THEN, refuse_hindsight
from pitwall.ml.forecasting.saying.names import namer
from pitwall.ml.forecasting.saying.rows import answer_rows
from pitwall.ml.models import Model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.unlisted import groups_read
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob

__all__ = ["AnswerRow", "Forecast", "forecast", "only", "read", "store"]

NEEDED = {*READS, "entries", "drivers", "constructors", "circuits"}
REPLAY = "no race without results: the last race is replayed as of its cut-off"
JUDGED = "past race: the out-of-sample prediction that the model was judged by"
LEARNED = "past race: the model has learned from its result since, so this is no forecast to score"
ASSUMED = "the calendar has no time for it: this cut-off, {:%Y-%m-%d %H:%M} UTC, is assumed"
EXPLAINED = "the contributions are those of the champion as it stands now; the probabilities are out of sample"


def forecast(
    job: TrainingJob,
    registry: Registry,
    reader: FeatureReader,
    provenance: Mapping[str, str],
    *,
    race: str | None = None,
    entries: Path | None = None,
    grid: Path | None = None,
    lap: int | None = None,
    stop: int | None = None,
    stint: int | None = None,
    replay: bool = False,
    now: datetime | None = None,
    role: str = CHAMPION,
) -> Forecast:
    """Return the champion's forecast, or that of the version that holds another alias.

    Args:
        job: names the model and the project.
        registry: that knows the champion.
        reader: of features.
        provenance: recorded with the forecast.
        race: e.g. 2024-24; the next race when None; of a model that answers within races the newest one with laps.
        entries: what-if entry file (see `pitwall.ml.forecasting.entrants`).
        grid: what-if grid file.
        lap: which lap a model that answers within races is asked about; the one after each car's newest when None.
        stop: the same of pit stops; each car's newest when None.
        stint: the same of stints, each on a set of tyres.
        replay: forecast the last race when there is no next one.
        now: the instant of a season's replay: what became known after it is not looked at; None at present.
        role: the alias of the version that answers.

    Raises:
        ForecastError: there is no race to forecast, no champion, an input is wrong, or a replay would use what nobody knew.
    """
    everything = load_tables(job.project.tables, needed(job))
    tables = everything.known(now)
    _refuse(job, entries=entries, grid=grid, lap=lap, stop=stop, stint=stint)
    asked, line = job.name, None
    if job.stage in CUTOFF_COLUMN:
        chosen, labels = _choose(tables, job, race, replay, now)
        if not chosen.run:
            job, chosen, labels = _coming(job, registry, tables, chosen, grid)
        line = lineup(tables, chosen, entries, grid) if DRIVER in job.definition.kind.own else None
        spine = rows_before(job.definition.kind, chosen, line)
    else:
        asked_for = [number for number in (lap, stop, stint) if number is not None]
        chosen, spine, labels = _within_race(job, tables, race, asked_for[0] if asked_for else None)
    version = _version(job, registry, role)
    folder = registry.fetch(job.name, version.version)
    frame, more = race_vectors(job, reader, tables, chosen, spine, line=line, version=version.version)
    judged = chosen.run and (line is None or (line.recorded and line.grid is None))
    ours, last = _answer(folder, chosen, frame, job.definition, judged=judged)
    theirs, _ = _answer(job.target / "baseline", chosen, frame, job.definition, judged=judged)
    model = FittedModel.load(folder)
    if now is not None:
        refuse_hindsight(everything, spine["cutoff"].max(), model, job, now)
        labels = [AS_OF_THEN, *labels]
    why = reasons(model, frame, lambda: job.frame() if job.frame_path.is_file() else None)
    if any(each.features for each in why) and JUDGED in last:
        last = [*last, EXPLAINED]
    return Forecast(
        race=chosen.label,
        race_name=chosen.name,
        stage=job.stage,
        cutoff=spine["cutoff"].max().isoformat(),
        model=job.name,
        version=version.version,
        role=role,
        estimator=model.name,
        baseline=str(theirs[WHO].iloc[0]),
        labels=(*labels, *(line.labels if line else ()), *more, *last, *_rules_of_calls(job, tables, chosen)),
        rows=answer_rows(
            job.definition,
            frame,
            ours,
            theirs,
            names=list(map(namer(tables), frame.to_dict("records"))),
            calls=_calls(job.definition.name, tables, ours),
            why=why,
        ),
        provenance={**provenance, "model.content": version.content, "model.run": version.run_id, **_data(job)},
        asked=asked,
    )


def needed(job: TrainingJob) -> list[str]:
    """Return the tables that a forecast looks at, those of the weekend's own sessions for what-ifs: lap times are large."""
    sessions = {name for group in groups_read(job.definition) if "race" in group.entities for name in group.reads}
    calls = {name for each in answered_by(job.model) if each.call for name in each.tables}
    return sorted(NEEDED | sessions | calls | set(job.definition.kind.reads))


def _rules_of_calls(job: TrainingJob, tables: Tables, race: Race) -> list[str]:
    """Return how classes are called of the race, for questions that call others than the likeliest."""
    return [each.call.said(race.race_id, tables) for each in answered_by(job.model) if each.call]


def _choose(
    tables: Tables, job: TrainingJob, race: str | None, replay: bool, now: datetime | None
) -> tuple[Race, list[str]]:
    if race is not None:
        return find_race(tables, race, job.stage), []
    chosen = next_race(tables, job.stage, job.params, now)
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


def _version(job: TrainingJob, registry: Registry, role: str) -> ModelVersion:
    """Return the version that holds an alias."""
    version = registry.alias(job.name, role)
    if version is None:
        way = f"pitwall promote {job.name}" if role == CHAMPION else f"pitwall ab start {job.name}"
        raise ForecastError(f"{job.name} has no {role}; train and promote one: `{way}`.")
    return version


def _refuse(job: TrainingJob, **wishes: object) -> None:
    """Refuse wishes that say nothing to a model: a grid needs cars before a race, a lap one that answers within it."""
    kind = job.definition.kind
    cars = job.stage in CUTOFF_COLUMN and DRIVER in kind.own
    heard = {"entries": cars, "grid": cars, **{name: name in kind.own for name in ("lap", "stop", "stint")}}
    deaf = ", ".join(f"--{name}" for name, value in wishes.items() if value is not None and not heard[name])
    if deaf:
        raise UsageError(
            f"{job.name} is asked about {kind.nouns[1]} at {job.stage}: {deaf} says nothing to it; leave it out."
        )


def _within_race(
    job: TrainingJob, tables: Tables, race: str | None, number: int | None
) -> tuple[Race, pd.DataFrame, list[str]]:
    """Return the race, the rows of it that are asked about, and what must be said of them."""
    kind = job.definition.kind
    spine = kind.spine(tables, job.stage)
    chosen = find_race(tables, race, Stage.PRE_RACE) if race is not None else race_under_way(tables, spine)
    return chosen, *rows_asked(spine, chosen, kind, number)


def _answer(
    folder: Path, race: Race, frame: pd.DataFrame, definition: Model, *, judged: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Return the predictions of a model folder for the race, aligned with the frame, and what must be said of them.

    Args:
        folder: of the model.
        race: the race.
        frame: its rows.
        definition: what the model is.
        judged: whether a prediction that it was judged by may answer.
    """
    if judged:
        stored = load_predictions(folder)
        if (own := judged_answer(stored[stored["race_id"] == race.race_id], frame, definition)) is not None:
            return own, [JUDGED]
    return fresh_answer(FittedModel.load(folder), frame, definition), [LEARNED] if race.run else []


def judged_answer(stored: pd.DataFrame, frame: pd.DataFrame, definition: Model) -> pd.DataFrame | None:
    """Return the predictions that a model was judged by, aligned with the rows of a race; None where one of them lacks."""
    key = list(definition.kind.key)
    own = frame[key].merge(stored, on=key, how="left")
    if not own[WHO].notna().all():
        return None
    beyond = _unfilled(own, definition)
    return own[[name for name in stored.columns if name not in beyond]]


def fresh_answer(model: FittedModel, frame: pd.DataFrame, definition: Model) -> pd.DataFrame:
    """Return what a model says of rows now, as a predictions table."""
    return prediction_table(model.name, model.role, frame, model.answer(frame), definition.kind)


def _unfilled(own: pd.DataFrame, definition: Model) -> list[str]:
    """Return answer columns that only larger races fill, such as places beyond the field."""
    columns = definition.answers.columns(own.columns)
    return [] if definition.answers.fill is None else columns[len(own) :]


def _data(job: TrainingJob) -> dict[str, str]:
    path = job.frame_path
    return {"frame.md5": file_md5(path) if path.is_file() else "absent"}


def _calls(model: str, tables: Tables, predictions: pd.DataFrame) -> list[dict[str, str]]:
    """Return the class that is called of each row, of a model whose question has a rule for that."""
    said = [found for each in answered_by(model) if (found := called(each, predictions, tables)) is not None]
    return [{CALLED: str(said[0].iloc[index])} if said else {} for index in range(len(predictions))]
