"""The backtest of all trained models: `reports/backtest.json` and the CSV files behind `dvc plots`.

Reads only what trainings published (`models/*/predictions.parquet`) and the tables, and fits nothing: the numbers here
and those of a model's own report come from the same predictions. `seasons.csv` and `calibration.csv` hold all models; what
`dvc plots` draws are the files of each question in `losses/` and `calibration/`, with the model alone, so that revisions compare.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.ml.evaluation.scoring import Row, labelled_once, scored, template_rows, whole_rows
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.models.machinery.names import model_names
from pitwall.ml.templates import answered_by, template, templates
from pitwall.ml.training.training_job import TrainingJob, training_job
from pitwall.report.content.intervals import digits, interval


@dataclass(frozen=True)
class Backtest:
    """The rows of a backtest (see `pitwall.ml.evaluation.scoring`)."""

    rows: list[Row]

    def lines(self) -> list[str]:
        """Return one line per template, metric and model, pooled over all seasons."""
        pooled = [row for row in self.rows if row["season"] == "all"]
        return [
            f"{row['template']}/{row['stage']} {row['metric']} {row['model']}: "
            + interval(row, digits(4), more=f", {row['n']} races")
            for row in pooled
        ]


def evaluate(project: Project, params: Params) -> Backtest:
    """Write `reports/backtest.json` and the CSV files of `reports/plots`; return the rows.

    Raises:
        StageError: no model of params.yaml has predictions, or one cannot be scored on the present data; says which.
    """
    jobs = [training_job(project, params, name) for name in model_names(params)]
    trained = [job for job in jobs if (job.target / "predictions.parquet").is_file()]
    if not trained:
        raise StageError(
            f"nothing to evaluate: none of {', '.join(job.name for job in jobs)} has predictions below models/; "
            "train with `dvc repro` or `pitwall train`."
        )
    rows = [row for job in trained for row in _named(job)]
    calibration = pd.concat([calibration_rows(job) for job in trained], ignore_index=True)
    _write(project.reports, rows, calibration)
    return Backtest(rows)


def _named(job: TrainingJob) -> list[Row]:
    try:
        return backtest_rows(job)
    except StageError as error:
        raise StageError(
            f"{job.name} cannot be scored: {error} Where the data are others than those that it was trained on, train it again (`pitwall train "
            f"{job.name}`), or move models/{job.name} away."
        ) from error


def backtest_rows(job: TrainingJob) -> list[Row]:
    """Return the rows of one trained model and its baselines, pooled and by season."""
    predictions, tables = load_predictions(job.target), job.tables()
    gates, seed = job.params.gates, job.params.seed
    rows = whole_rows(job.model, predictions, tables, stage=job.stage, gates=gates, seed=seed)
    for question in answered_by(job.model):
        rows += template_rows(question, predictions, tables, stage=job.stage, gates=gates, seed=seed)
    return rows


def calibration_rows(job: TrainingJob) -> pd.DataFrame:
    """Return forecast and observed share per filled bin (or level), template and model."""
    tables = job.tables()
    parts = []
    for question in answered_by(job.model):
        asked = labelled_once(question, tables)
        for name, own in by_estimator(load_predictions(job.target)).items():
            table = job.definition.answers.calibration.table(scored(asked, own, tables))
            parts.append(table[table["n"] > 0].assign(template=question.name, stage=job.stage, model=name))
    return pd.concat(parts, ignore_index=True)


def _write(reports: Path, rows: list[Row], calibration: pd.DataFrame) -> None:
    plots = reports / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    (reports / "backtest.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    seasons = pd.DataFrame([row for row in rows if row["season"] != "all"])
    seasons.to_csv(plots / "seasons.csv", index=False, float_format="%.6f")
    calibration.to_csv(plots / "calibration.csv", index=False, float_format="%.6f")
    ours = seasons[seasons["role"] == "ours"]
    names = {(row.template, row.stage): row.model for row in ours.itertuples()}
    for (question, stage), name in names.items():
        if question not in templates():
            continue  # the answer as a whole has no main loss
        own = {"template": question, "stage": stage, "model": name}
        _save(_where(ours, **own, metric=template(question).loss), plots / "losses" / f"{question}-{stage}.csv")
        _save(_where(calibration, **own), plots / "calibration" / f"{question}-{stage}.csv")


def _where(rows: pd.DataFrame, **values: object) -> pd.DataFrame:
    return rows[(rows[list(values)] == pd.Series(values)).all(axis=1)]


def _save(rows: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False, float_format="%.6f")
