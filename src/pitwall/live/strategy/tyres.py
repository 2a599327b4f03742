"""What a lap costs on a tyre: a compound's offset, and how it wears with age, from green laps of several races.

Cars of one race are compared with themselves alone: each has a level of its own, so that only what changes along its laps tells of tyres.
Fuel burns off evenly, and air behind another car costs time; both are learned beside. How sure all of it is is told by draws: the cars of
the races are drawn again, with replacement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.live.strategy.laps import DIRTY_GAP_S, learned_from

Array = npt.NDArray[np.float64]
DRAWS = 60
RIDGE = 0.5  # in laps, on columns of about one percent
POOLED = 800.0  # laps of a circuit that all others together are worth
FAR = 2.5  # percent off the first fit: such a lap is left out of the second
SOFT, MEDIUM, HARD = COMPOUNDS


@dataclass(frozen=True)
class Wear:
    """Draws of what laps cost, in percent of a usual lap.

    Attributes:
        offset: of a new set beside the medium one, draws x compounds.
        slope: per share of the distance that the set has run, draws x compounds.
        bend: the same, squared: what wear gains as it goes on.
        dirty: of a lap behind another car, by draw.
    """

    offset: Array
    slope: Array
    bend: Array
    dirty: Array

    def cost(self, compound: int, age: Array) -> Array:
        """Return what laps cost, draws x ages, percent.

        Args:
            compound: its number, 1 soft to 3 hard.
            age: of the set at the end of the lap, share of the distance.
        """
        at = compound - 1
        straight, bent = self.slope[:, at, None] * age, self.bend[:, at, None] * age**2
        return np.asarray(self.offset[:, at, None] + straight + bent)


def fitted_wear(laps: pd.DataFrame, others: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> Wear:
    """Learn from the laps of `seen_laps`.

    Args:
        laps: of the circuit; may be none.
        others: of other circuits, which count `POOLED` laps in all.
        draws: how many; the first one is the estimate itself.
        seed: of the draws.
    """
    squares, products = _usual_sums(others, np.random.default_rng([seed, 1]), draws)
    at, to = _usual_sums(laps, np.random.default_rng([seed, 2]), draws)
    count = max(len(others), 1)
    found = _solved(at + squares * POOLED / count, to + products * POOLED / count)
    blank = np.zeros((draws, 1))
    offset = np.hstack([found[:, [0]], blank, found[:, [1]]])
    slope, bend = np.maximum(found[:, 2:5], 0.0), np.maximum(found[:, 5:8], 0.0)
    return Wear(offset, slope, bend, np.maximum(found[:, 9], 0.0))


def _usual_sums(laps: pd.DataFrame, generator: np.random.Generator, draws: int) -> tuple[Array, Array]:
    """Return the sums of squares and products over laps, the worst left out, by draw of the cars: x columns x columns, x columns."""
    rows = learned_from(laps)
    design, car = _design(rows), rows.groupby(list(RACE_DRIVER)).ngroup().to_numpy()
    percent, cars = rows["percent"].to_numpy(dtype=np.float64), _count(car)
    if not cars:
        return np.zeros((draws, design.shape[1], design.shape[1])), np.zeros((draws, design.shape[1]))
    squares, products = _sums(design, percent, car, cars)
    first = _solved(squares.sum(axis=0)[None], products.sum(axis=0)[None])[0]
    near = np.abs(_apart(percent, car) - _apart(design, car) @ first) < FAR
    squares, products = _sums(design[near], percent[near], car[near], cars)
    drawn = generator.multinomial(cars, np.full(cars, 1.0 / cars), draws - 1)
    weights = np.vstack([np.ones(cars), drawn])
    return np.einsum("bc,cij->bij", weights, squares), np.einsum("bc,cj->bj", weights, products)


def _design(rows: pd.DataFrame) -> Array:
    """Return offsets of soft and hard, three slopes, three bends, fuel and dirty air: laps x 10."""
    on = rows["compound_id"].to_numpy()[:, None] == np.array(list(COMPOUNDS), dtype=np.float64)
    age = (rows["age"] / rows["distance"]).to_numpy(dtype=np.float64)[:, None]
    run = (rows["lap"] / rows["distance"]).to_numpy(dtype=np.float64)[:, None]
    behind = (rows["ahead"] < DIRTY_GAP_S).to_numpy(dtype=np.float64)[:, None]
    return np.hstack([on[:, [SOFT - 1, HARD - 1]], on * age, on * age**2, run, behind]).astype(np.float64)


def _count(car: np.ndarray) -> int:
    return int(car.max(initial=-1)) + 1


def _apart(values: Array, car: np.ndarray) -> Array:
    """Return differences from the mean of the car in its race."""
    columns = values.reshape(len(values), -1)
    count = np.maximum(np.bincount(car, minlength=_count(car)), 1)
    means = np.column_stack([np.bincount(car, column, minlength=_count(car)) for column in columns.T]) / count[:, None]
    return np.asarray((columns - means[car]).reshape(values.shape))


def _sums(design: Array, percent: Array, car: np.ndarray, cars: int) -> tuple[Array, Array]:
    """Return the sums of squares and products of each car: cars x columns x columns, cars x columns."""
    columns, answer = _apart(design, car), _apart(percent, car)
    squares = np.zeros((cars, design.shape[1], design.shape[1]))
    products = np.zeros(squares.shape[:2])
    np.add.at(squares, car, columns[:, :, None] * columns[:, None, :])
    np.add.at(products, car, columns * answer[:, None])
    return squares, products


def _solved(squares: Array, products: Array) -> Array:
    """Return the coefficients, draws x columns."""
    left = squares + RIDGE * np.eye(squares.shape[1])
    return np.asarray(np.linalg.solve(left, products[:, :, None])[:, :, 0], dtype=np.float64)
