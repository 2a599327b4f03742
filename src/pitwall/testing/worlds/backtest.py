"""A tiny project to backtest in, and fits with planted faults. The faults live here because a worker process must import them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, save_tables
from pitwall.ml.backtest.fold import FoldResult, FoldTask, predict_fold
from pitwall.ml.estimators._estimator import FitInput, Role, Trial
from pitwall.ml.estimators._estimator import Params as Values
from pitwall.ml.estimators.order._order import Positions, SaysPlaces
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import FIRST_SEASON, tiny_tables

NAME = "order-pre_race"
FATAL = ("grid_frequency", FIRST_SEASON + 2)
YAML = """sources: {{ergast: {{location: nowhere}}}}
models:
  order: {{estimator: {estimator}, first_season: {first}, stages: [pre_race]}}
gates:
  bootstrap_draws: 200
"""


def tiny_project(root: Path, tables: Tables | None = None, estimator: str = "grid_frequency") -> tuple[Project, Params]:
    """Return a project with tables, the frame of `order-pre_race`, params.yaml and dvc.yaml."""
    from pitwall.domain.params import load_params

    tables = tables or tiny_tables(seasons=4, races=6, cars=12)
    project = Project(root)
    save_tables(tables, project.tables)
    project.frames.mkdir(parents=True)
    order_frame(tables).to_parquet(project.frame(NAME), index=False)
    project.params.write_text(YAML.format(estimator=estimator, first=FIRST_SEASON), encoding="utf-8")
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    params = load_params(project.params)
    assert params.models["order"].estimator == estimator
    return project, params


def killed(task: FoldTask) -> FoldResult:
    """Fit, but die without a word on the fold `FATAL`, as a process does that the system kills for its memory."""
    if (task.recipe.estimator, task.season) == FATAL:
        os.kill(os.getpid(), signal.SIGKILL)
    return predict_fold(task)


def failing(task: FoldTask) -> FoldResult:
    """Fit, but raise on the fold `FATAL`."""
    if (task.recipe.estimator, task.season) == FATAL:
        raise ZeroDivisionError("planted")
    return predict_fold(task)


class Peeker:
    """An estimator that looks for the outcome of the races that it is to forecast, and bets everything if it finds it."""

    name = "peeker"
    role: Role = "model"
    needs: tuple[str, ...] | None = None

    def default(self) -> Values:
        """Return no parameters."""
        return {}

    def space(self, trial: Trial) -> Values:
        """Return no parameters."""
        return {}

    def fit(self, data: FitInput) -> _Peeked:
        """Remember every outcome that is handed over."""
        known = data.frame[["race_id", "driver_id"]].assign(place=data.outcome["place"].to_numpy())
        if data.validation is not None:
            later, after = data.validation
            known = pd.concat([known, later[["race_id", "driver_id"]].assign(place=after["place"].to_numpy())])
        return _Peeked(known.set_index(["race_id", "driver_id"])["place"])

    def load(self, folder: Path) -> _Peeked:
        """Nothing is ever saved."""
        raise NotImplementedError(folder)


class _Peeked(SaysPlaces):
    validation_loss: float | None = None

    def __init__(self, known: pd.Series) -> None:
        self.known = known
        self.params: Values = {}

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return certainty where the place can be found, else the same chance for every place."""
        place = self.known.reindex(pd.MultiIndex.from_frame(frame[["race_id", "driver_id"]])).to_numpy(dtype=np.float64)
        for column in ("place", "retired", "points", "label"):
            if column in frame:
                place = frame[column].to_numpy(dtype=np.float64)
        cars = frame.groupby("race_id")["race_id"].transform("size").to_numpy()
        slots = np.arange(1, int(cars.max()) + 1)
        even = (slots[None, :] <= cars[:, None]) / cars[:, None]
        return np.asarray(np.where(np.isnan(place)[:, None], even, slots[None, :] == place[:, None]), dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write nothing."""
