"""Figures of a training as PNG files: calibration, the latest race's position distribution, the course of the search."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.evaluation import classes
from pitwall.ml.evaluation.course import course
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.ml.families.predictions import WHO, by_estimator
from pitwall.ml.templates import Template, answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.tuning import Found
from pitwall.report.figures.calibration import calibration_figure
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.report.figures.classes import confusion_matrix_figure, curves_figure
from pitwall.report.figures.course import course_figure
from pitwall.report.figures.heat_map import heat_map
from pitwall.report.figures.palette import ACCENT, INK, MUTED


def draw_judgement(job: TrainingJob, predictions: pd.DataFrame, folder: Path) -> list[Path]:
    """Write a calibration plot per template (of classes a confusion matrix, of durations their course, too) and the heat map of the latest race; return the files."""
    tables = job.tables()
    own = by_estimator(predictions)[str(predictions.loc[predictions["role"] == "model", WHO].iloc[0])]
    files = []
    for template in answered_by(job.model):
        how = job.definition.answers.calibration
        table = how.table(scored(template, own, tables))
        path = folder / f"calibration_{template.name}.png"
        files.append(write_png(calibration_figure(table, template.question, names=how.axes), path))
        files += _draw_classes(job, template, own, folder)
        files += _draw_course(job, template, own, folder)
    if not place_columns(own):
        return files
    latest = own[own["race_id"] == own.sort_values(["season", "round"])["race_id"].iloc[-1]]
    names = tables["drivers"].drop_duplicates("driver_id", keep="last").set_index("driver_id")["name"]
    races = tables["races"].drop_duplicates("race_id", keep="last").set_index("race_id")
    title = f"{races.loc[latest['race_id'].iloc[0], 'name']} {latest['season'].iloc[0]}: P(place)"
    figure = heat_map(*places_of(latest, names), title, outcome=job.definition.place)
    return [*files, write_png(figure, folder / "positions_latest_race.png")]


def _draw_classes(job: TrainingJob, template: Template, own: pd.DataFrame, folder: Path) -> list[Path]:
    """Write what was said against what came true, and the curves; nothing where answers are no classes."""
    how, of = job.definition.answers.classes, job.definition.kind.nouns[1]
    if how is None:
        return []
    known = scored(template, own, job.tables())
    found, shown = classes.confusion(how, known, job.params.gates, job.params.seed), classes.curves(how, known)
    drawn = {
        "confusion": confusion_matrix_figure(found.counts, found.names, template.question, of=of),
        "curves": curves_figure(shown, found.shares, template.question),
    }
    return [write_png(figure, folder / f"{kind}_{template.name}.png") for kind, figure in drawn.items()]


def _draw_course(job: TrainingJob, template: Template, own: pd.DataFrame, folder: Path) -> list[Path]:
    """Write how many last how long; nothing where answers are no durations."""
    how = job.definition.answers.course
    if how is None:
        return []
    found = course(how, scored(template, own, job.tables()), job.params.gates, job.params.seed)
    return [write_png(course_figure(found, template.question, how.axis), folder / f"course_{template.name}.png")]


def draw_tuning(found: Found, loss: str, folder: Path) -> Path:
    """Write the course of a search: loss of each trial, the best so far, pruned trials apart."""
    figure = canvas(7.0, 4.0)
    axes = figure.subplots()
    done = [(trial.number, trial.value) for trial in found.trials if trial.value is not None]
    numbers, values = np.array(done, dtype=np.float64).T
    axes.plot(numbers, values, "o", color=INK, label="complete")
    axes.step(numbers, np.minimum.accumulate(values), where="post", color=ACCENT, label="best so far")
    pruned = [(trial.number, trial.history[-1][1]) for trial in found.trials if trial.value is None and trial.history]
    if pruned:
        axes.plot(*np.array(pruned).T, "x", color=MUTED, label="pruned (loss when stopped)")
    axes.axhline(values[0], color=MUTED, linestyle=":", label="default configuration")
    axes.set(xlabel="trial", ylabel=f"validation {loss}", title="Search history")
    axes.legend(frameon=False)
    return write_png(figure, folder / "tuning_history.png")


def places_of(race: pd.DataFrame, names: Mapping[int, str]) -> tuple[np.ndarray, list[str]]:
    """Return cars x places of one race and the cars' labels, by expected place."""
    matrix = race[place_columns(race)].to_numpy()[:, : len(race)]
    order = np.argsort(expected_place(matrix), kind="stable")
    drivers = race["driver_id"].to_numpy()[order]
    return matrix[order], [str(names.get(int(driver), driver)) for driver in drivers]
