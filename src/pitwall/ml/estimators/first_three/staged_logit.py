"""The winner is drawn with chances proportional to exp(score), then the second from the cars that are left, then the third.

Each of the three has weights of its own: what wins a race need not be what fills its podium. A problem is convex, so neither a seed nor a
start matters. Instants of a race are no independent sights of it: they share one race's weight.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.first_three._design import NEEDS, design
from pitwall.ml.estimators.first_three._drawn import chances
from pitwall.ml.estimators.first_three._places import Array, as_answer, instants, winners_loss
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.families.first_three import PLACES
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

FILE = "estimator.json"


@dataclass(frozen=True)
class StagedLogit:
    """Weights of the design's columns, columns x 3, and how much one unit of each is (`scale`)."""

    columns: tuple[str, ...]
    weights: Array
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the chances per row, whole over the rows that compete."""
        blocks = instants(frame)
        matrix, _ = design(frame, blocks)
        win, podium = chances(matrix @ self.weights, blocks)
        return as_answer(win, podium, frame.index)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "weights": dict(zip(self.columns, self.weights.tolist(), strict=True)),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class Plugin:
    """The plug-in."""

    name = "staged_logit"
    role: Role = "model"
    settles = False  # later races measure a loss and decide nothing
    needs: tuple[str, ...] | None = NEEDS

    def default(self) -> Params:
        """Return the constants that the seasons up to 2021 chose."""
        return {"half_life": 4.0, "ridge": 1.0}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {
            "half_life": trial.suggest_float("half_life", 2.0, 8.0, log=True),
            "ridge": trial.suggest_float("ridge", 0.05, 5.0, log=True),
        }

    def fit(self, data: FitInput) -> StagedLogit:
        """Learn the weights of first, second and third, each among the cars that were left."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        blocks = instants(frame)
        matrix, columns = design(frame, blocks)
        place, counted = outcome["place"].to_numpy(), _counted(frame, blocks, data.params["half_life"])
        padded, places = matrix[blocks.rows], blocks.pad(place, 0)
        weights = [_learned(padded, places, nth, counted, data.params["ridge"]) for nth in range(1, PLACES + 1)]
        fitted = StagedLogit(columns, np.column_stack(weights), dict(data.params))
        return measured(fitted, data, winners_loss(fitted))

    def load(self, folder: Path) -> StagedLogit:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        named = content["weights"]
        return StagedLogit(tuple(named), np.array(list(named.values())), content["params"], content["validation_loss"])


def _counted(frame: pd.DataFrame, blocks: RaceBlocks, half_life: float) -> Array:
    """Return the weight of each instant: a race counts once, and half as much every `half_life` seasons."""
    first = blocks.rows[:, 0]
    race, season = frame["race_id"].to_numpy()[first], frame["season"].to_numpy(dtype=np.float64)[first]
    _, number, size = np.unique(race, return_inverse=True, return_counts=True)
    return np.asarray(0.5 ** ((season.max(initial=0.0) - season) / half_life) / size[number])


def _learned(matrix: Array, place: np.ndarray, nth: int, counted: Array, ridge: float) -> Array:
    """Return the weights with the smallest log loss of who came nth among those behind, plus ridge / 2 x their squared length.

    Args:
        matrix: instants x cars x columns.
        place: at the flag, instants x cars; 0 where there is no car.
        nth: the place that is drawn.
        counted: weight of each instant.
        ridge: of the penalty, per column in units of its spread.
    """
    from scipy.optimize import minimize

    spread = matrix[place > 0].std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    left, drawn = place >= nth, (place == nth) * 1.0
    known = drawn.sum(axis=1) > 0
    padded, left, drawn, weight = matrix[known] / unit, left[known], drawn[known], counted[known][:, None]

    def objective(beta: Array) -> tuple[float, Array]:
        scores = np.where(left, padded @ beta, -np.inf)
        scores = scores - scores.max(axis=1, keepdims=True)
        raised = np.exp(scores)
        total = raised.sum(axis=1, keepdims=True)
        loss = (weight * drawn * (np.log(total) - np.where(left, scores, 0.0))).sum()
        slope = np.einsum("rn,rnf->f", weight * (raised / total - drawn), padded)
        return float(loss + 0.5 * ridge * beta @ beta), slope + ridge * beta

    found = minimize(objective, np.zeros(matrix.shape[2]), jac=True, method="L-BFGS-B", options={"maxiter": 400})
    return np.asarray(found.x / unit)


ESTIMATOR = Plugin()
