"""What estimators of the first three share: which rows compete, and chances that are whole: one victory and three places on the podium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.keys import BLOCK
from pitwall.ml.families.first_three import PLACES, PODIUM, WIN
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

Array = npt.NDArray[np.float64]
LEAST = 1e-9  # a chance below this costs 20.7 nats and no more
BEHIND = 100.0  # more than any place
ROUNDS = 60  # of a bisection over forty nats of odds: far below the last digit


def instants(frame: pd.DataFrame) -> RaceBlocks:
    """Return the blocks of rows that compete: the cars of a race at one lap, all of its rows where a frame has no laps."""
    if "lap" not in frame:
        return race_blocks(frame[BLOCK].to_numpy())
    _, number = np.unique(frame[[BLOCK, "lap"]].to_numpy(), axis=0, return_inverse=True)
    return race_blocks(number.ravel())


def running_order(frame: pd.DataFrame, blocks: RaceBlocks) -> Array:
    """Return the place of each row among those that it competes with: by its standing, cars without one behind the others by the grid.

    Args:
        frame: with `standing_place` and `grid`, which may be null.
        blocks: of rows that compete.
    """
    standing, grid = (frame[name].to_numpy(dtype=np.float64) for name in ("standing_place", "grid"))
    by_grid = BEHIND + np.where(np.isnan(grid), BEHIND, grid)
    rank, _ = ranked(np.where(np.isnan(standing), by_grid, standing), blocks)
    return rank


def ranked(values: Array, blocks: RaceBlocks) -> tuple[Array, Array]:
    """Return the place of each value among those that it competes with, equal ones sharing the mean of theirs, and what it is above the least."""
    padded = blocks.pad(values, np.inf)
    ahead = (padded[:, None, :] < padded[:, :, None]).sum(axis=2)
    level = (blocks.mask[:, None, :] & (padded[:, None, :] == padded[:, :, None])).sum(axis=2)
    above = np.where(blocks.mask, padded - padded.min(axis=1, keepdims=True), 0.0)
    return blocks.flat(ahead + (level + 1) / 2.0), blocks.flat(above)


def as_answer(win: Array, podium: Array, index: pd.Index) -> pd.DataFrame:
    """Return the family's answer."""
    return pd.DataFrame({WIN: win, PODIUM: np.clip(podium, win, 1.0)}, index=index)


def whole(win: Array, behind: Array, blocks: RaceBlocks) -> tuple[Array, Array]:
    """Return chances to win and to stand on the podium that sum to the places that there are.

    Args:
        win: what speaks for a victory, per row, above 0.
        behind: chance to stand on the podium of a car that does not win, per row, within (0, 1); its odds are scaled.
        blocks: of rows that compete.
    """
    first = blocks.pad(win, 0.0)
    first = first / first.sum(axis=1, keepdims=True)
    odds = blocks.pad(behind / (1.0 - behind), 0.0)
    places = np.minimum(PLACES, blocks.mask.sum(axis=1)) - 1.0
    low, high = np.full(blocks.count, -20.0), np.full(blocks.count, 20.0)
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        scaled = np.exp(middle)[:, None] * odds
        over = ((1.0 - first) * scaled / (1.0 + scaled)).sum(axis=1) > places
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    scaled = np.exp(high)[:, None] * odds
    return blocks.flat(first), blocks.flat(first + (1.0 - first) * scaled / (1.0 + scaled))


class Answers(Protocol):
    """A fitted estimator of the family."""

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the family's answer."""


def winners_loss(fitted: Answers) -> Callable[[pd.DataFrame, pd.DataFrame], float]:
    """Return how to measure the log loss of the winner on later rows: the mean over the instants of each race, then over races, in nats."""

    def loss(frame: pd.DataFrame, outcome: pd.DataFrame) -> float:
        won = (outcome["place"] == 1).to_numpy()
        lost = -np.log(np.maximum(fitted.answer(frame)[WIN].to_numpy()[won], LEAST))
        return float(pd.Series(lost).groupby(frame[BLOCK].to_numpy()[won]).mean().mean())

    return loss
