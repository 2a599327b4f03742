"""Rows of many races as padded arrays races x slots, so that whole seasons are computed without a loop over races."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RaceBlocks:
    """Where each row sits.

    Attributes:
        rows: races x width, row numbers (0 where padded).
        mask: races x width, True where a car is.
        race: race number of each row, in order of first appearance.
        slot: slot of each row within its race, in row order.
    """

    rows: np.ndarray
    mask: np.ndarray
    race: np.ndarray
    slot: np.ndarray

    @property
    def count(self) -> int:
        """Number of races."""
        return int(self.rows.shape[0])

    @property
    def width(self) -> int:
        """Cars of the largest field."""
        return int(self.rows.shape[1])

    def pad(self, values: np.ndarray, fill: float) -> np.ndarray:
        """Return row values as races x width."""
        return np.where(self.mask, values[self.rows], fill)

    def flat(self, blocks: np.ndarray) -> np.ndarray:
        """Return races x width x ... as rows x ...; the inverse of `pad`."""
        return np.asarray(blocks[self.race, self.slot])


def race_blocks(race_id: np.ndarray) -> RaceBlocks:
    """Arrange rows by race, in any row order."""
    if len(race_id) and (race_id == race_id[0]).all():  # as a forecast asks: one race needs no sorting
        slot = np.arange(len(race_id), dtype=np.int64)
        return RaceBlocks(slot[None], np.ones((1, len(slot)), dtype=bool), np.zeros(len(slot), dtype=np.int64), slot)
    _, first, inverse = np.unique(race_id, return_index=True, return_inverse=True)
    race = np.argsort(np.argsort(first))[inverse]
    count = len(first)
    sizes = np.bincount(race, minlength=count)
    order = np.argsort(race, kind="stable")
    slot = np.empty(len(race), dtype=np.int64)
    slot[order] = np.arange(len(race)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    width = int(sizes.max(initial=0))
    rows = np.zeros((count, width), dtype=np.int64)
    mask = np.zeros((count, width), dtype=bool)
    rows[race, slot], mask[race, slot] = np.arange(len(race)), True
    return RaceBlocks(rows, mask, race, slot)
