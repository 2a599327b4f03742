"""Baselines of the first three: how often cars with the same place, gap and distance have won, and have stood on the podium.

Numbers are sorted into steps; a cell of steps in which few cars were seen is drawn to the one that leaves out its last number, and that one
further up, so that every cell has an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.first_three._places import as_answer, instants, running_order, whole, winners_loss
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.families.first_three import PLACES

FILE = "frequencies.json"
EDGE = 1e-4  # a chance that was never seen is not 0
PLACE = "standing_place"  # of a car without one the grid tells
Steps = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Frequencies:
    """Chances by cell of steps: {"", "3", "3/1", ...: (victory, podium where it is none)}."""

    steps: Steps
    cells: Mapping[str, tuple[float, float]]
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the chances per row, whole over the rows that compete."""
        names = cells_of(frame, self.steps)
        found = np.array([self.cells.get(path[-1], self._nearest(path)) for path in names]).reshape(-1, 2)
        win, podium = whole(found[:, 0], found[:, 1], instants(frame))
        return as_answer(win, podium, frame.index)

    def _nearest(self, path: list[str]) -> tuple[float, float]:
        return next(self.cells[name] for name in reversed(path) if name in self.cells)

    def save(self, folder: Path) -> None:
        """Write `frequencies.json`."""
        content = {
            "steps": {name: list(steps) for name, steps in self.steps.items()},
            "cells": dict(sorted(self.cells.items())),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class FrequencyRule:
    """The plug-in: `steps` are the numbers that it reads, the one that tells most first, and where one step ends and the next begins."""

    name: str
    steps: Steps
    role: Role = "baseline"
    settles = False  # later rows measure a loss and decide nothing

    @property
    def needs(self) -> tuple[str, ...] | None:
        """The features that are read."""
        return (*self.steps, *(("grid",) if PLACE in self.steps else ()))

    def default(self) -> Params:
        """Return the counting, which is part of the rule and not searched."""
        return {"weight": 40.0}

    def space(self, trial: Trial) -> Params:
        """Return the default: a baseline has nothing to tune."""
        return self.default()

    def fit(self, data: FitInput) -> Frequencies:
        """Count; all other input is not needed."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        place = outcome["place"].to_numpy()
        paths = cells_of(frame, self.steps)
        cells: dict[str, tuple[float, float]] = {}
        for depth in range(len(self.steps) + 1):
            counted = pd.DataFrame(
                {"cell": [path[depth] for path in paths], "above": [path[max(depth - 1, 0)] for path in paths]}
            )
            counted = counted.assign(won=place == 1, podium=(place > 1) & (place <= PLACES), rows=1.0)
            cells |= _drawn(counted.groupby(["above", "cell"]).sum(), cells, data.params["weight"])
        fitted = Frequencies(self.steps, cells, dict(data.params))
        return measured(fitted, data, winners_loss(fitted))

    def load(self, folder: Path) -> Frequencies:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Frequencies(
            {name: tuple(steps) for name, steps in content["steps"].items()},
            {name: (chances[0], chances[1]) for name, chances in content["cells"].items()},
            content["params"],
            content["validation_loss"],
        )


def cells_of(frame: pd.DataFrame, steps: Steps) -> list[list[str]]:
    """Return the names of each row's cells: by nothing, by the first number, by the first two, ...; a null is a step of its own."""
    codes = []
    for name, edges in steps.items():
        values = running_order(frame, instants(frame)) if name == PLACE else frame[name].to_numpy(dtype=np.float64)
        codes.append(np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right")))
    paths = []
    for row in np.array(codes).T:
        numbers = [str(code) for code in row]
        paths.append(["/".join(numbers[:depth]) for depth in range(len(numbers) + 1)])
    return paths


def _drawn(
    counted: pd.DataFrame, above: Mapping[str, tuple[float, float]], weight: float
) -> dict[str, tuple[float, float]]:
    found = {}
    for (parent, cell), row in counted.iterrows():
        win, podium = above.get(parent, (0.05, 0.1))
        lost = row["rows"] - row["won"]
        chances = (
            (row["won"] + weight * win) / (row["rows"] + weight),
            (row["podium"] + weight * podium) / (lost + weight),
        )
        found[cell] = (float(np.clip(chances[0], EDGE, 1 - EDGE)), float(np.clip(chances[1], EDGE, 1 - EDGE)))
    return found
