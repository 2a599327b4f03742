"""A model's answers about one race: those of its own forecasts, whatever the registry says of it."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.keys import DRIVER
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.data.calendar import Race, find_race, next_race
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.forecasting.entrants import lineup
from pitwall.ml.forecasting.forecast import LEARNED
from pitwall.ml.forecasting.in_race import race_under_way, rows_asked
from pitwall.ml.forecasting.model_inputs import rows_before
from pitwall.ml.forecasting.saying.names import names_of
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.unlisted import with_features
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.workflows.workspace import Workspace


def predict(model: FittedModel, job: TrainingJob, workspace: Workspace, race: str | None) -> pd.DataFrame:
    """Return one row per car (lap, race, ...) with its names, its answer and all answer columns, best first.

    Args:
        model: that answers.
        job: whose model it is.
        workspace: of the project.
        race: e.g. 2024-24; the next one when None.

    Raises:
        ForecastError: there is no such race to forecast.
    """
    definition, tables = job.definition, load_tables(workspace.project.tables)
    chosen, spine, labels = _rows(job, tables, race)
    frame = with_features(workspace.project, definition, workspace.features, spine)
    said = prediction_table(model.name, model.role, frame, model.answer(frame), definition.kind)
    question = answered_by(job.model)[0]
    names = pd.DataFrame([names_of(tables, row) for row in frame.to_dict("records")])
    answers = said[definition.answers.columns(said.columns)]
    table = pd.concat([frame[list(definition.kind.key)], names, question.answer(said).rename(question.title)], axis=1)
    table = pd.concat([table, answers.drop(columns=[c for c in answers if c in table.columns])], axis=1)
    details = definition.answers.detail(said)
    order = sorted(
        range(len(table)),
        key=lambda row: definition.answers.first(
            {question.name: float(question.answer(said).iloc[row])},
            details[row],
            {name: int(frame[name].iloc[row]) for name in definition.kind.own},
        ),
    )
    table = table.iloc[order].reset_index(drop=True)
    if chosen.run:
        labels = [*labels, LEARNED]
    table.attrs = {
        "race": chosen.label,
        "name": chosen.name,
        "cutoff": spine["cutoff"].max().isoformat(),
        "labels": labels,
    }
    return table


def _rows(job: TrainingJob, tables: Tables, race: str | None) -> tuple[Race, pd.DataFrame, list[str]]:
    """Return the race, its rows at the model's cut-off, and what must be said of them."""
    kind = job.definition.kind
    if job.stage not in CUTOFF_COLUMN:
        spine = kind.spine(tables, job.stage)
        chosen = find_race(tables, race, "pre_race") if race is not None else race_under_way(tables, spine)
        return chosen, *rows_asked(spine, chosen, kind, None)
    chosen = find_race(tables, race, job.stage) if race is not None else _next(tables, job)
    line = lineup(tables, chosen) if DRIVER in kind.own else None
    return chosen, rows_before(kind, chosen, line), list(line.labels if line else ())


def _next(tables: Tables, job: TrainingJob) -> Race:
    found = next_race(tables, job.stage, job.params)
    if found is None:
        raise ForecastError("the data hold no race without results; name a past one, e.g. model.predict('2024-24').")
    return found
