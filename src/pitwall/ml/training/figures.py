"""Pictures of a training as PNG files: calibration, the latest race's position distribution, the course of the search.

Drawn on Agg canvases without pyplot, so that no display, no global state and no main thread is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.ml.families.predictions import WHO, by_estimator
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.tuning import Found

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 110
INK, MUTED, ACCENT = "#1f2933", "#9aa5b1", "#c81d25"


def draw_judgement(job: TrainingJob, predictions: pd.DataFrame, folder: Path) -> list[Path]:
    """Write a calibration plot per template and the heat map of the latest held-out race; return the files."""
    tables = job.tables()
    own = by_estimator(predictions)[str(predictions.loc[predictions["role"] == "model", WHO].iloc[0])]
    files = []
    for template in answered_by(job.model):
        table = job.definition.answers.calibration.table(scored(template, own, tables))
        files.append(_save(calibration_figure(table, template.question), folder / f"calibration_{template.name}.png"))
    if not place_columns(own):
        return files
    latest = own[own["race_id"] == own.sort_values(["season", "round"])["race_id"].iloc[-1]]
    names = tables["drivers"].drop_duplicates("driver_id", keep="last").set_index("driver_id")["name"]
    races = tables["races"].drop_duplicates("race_id", keep="last").set_index("race_id")
    title = f"{races.loc[latest['race_id'].iloc[0], 'name']} {latest['season'].iloc[0]}: P(place)"
    return [*files, _save(heat_map_figure(latest, names, title), folder / "positions_latest_race.png")]


def draw_tuning(found: Found, loss: str, folder: Path) -> Path:
    """Write the course of a search: loss of each trial, the best so far, pruned trials apart."""
    figure, axes = _figure(7.0, 4.0)
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
    return _save(figure, folder / "tuning_history.png")


def calibration_figure(table: pd.DataFrame, title: str) -> Figure:
    """Return forecast against observed share with 95 % bands, and the number of cars in each bin."""
    figure, axes = _figure(6.0, 5.5)
    filled = table[table["n"] > 0]
    band = np.abs(filled[["band_low", "band_high"]].to_numpy().T - filled["observed"].to_numpy())
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", label="perfect")
    axes.errorbar(
        filled["forecast"], filled["observed"], yerr=band, fmt="o", color=ACCENT, capsize=3, label="95 % band"
    )
    for row in filled.itertuples():
        axes.annotate(f"n={row.n}", (row.forecast, row.observed), (6, -10), textcoords="offset points", fontsize=8)
    axes.set(
        xlabel="forecast probability", ylabel="observed share", title=title, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02)
    )
    axes.legend(frameon=False, loc="upper left")
    return figure


def heat_map_figure(race: pd.DataFrame, names: pd.Series, title: str) -> Figure:
    """Return cars x places of one race, cars by expected place."""
    cars = len(race)
    matrix = race[place_columns(race)].to_numpy()[:, :cars]
    order = np.argsort(expected_place(matrix), kind="stable")
    figure, axes = _figure(8.0, 0.26 * cars + 1.6)
    image = axes.imshow(matrix[order], cmap="Reds", aspect="auto", vmin=0.0)
    labels = [str(names.get(driver, driver)) for driver in race["driver_id"].to_numpy()[order]]
    axes.set_yticks(range(cars), labels, fontsize=8)
    axes.set_xticks(range(cars), [str(place + 1) for place in range(cars)], fontsize=8)
    axes.set(xlabel="finishing place", title=title)
    figure.colorbar(image, ax=axes, label="probability")
    return figure


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _save(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})  # no version in the bytes
    return path
