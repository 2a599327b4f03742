"""Scores that have a value of each row, as scores of races: the mean over the rows of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

OfRows = Callable[[pd.DataFrame], np.ndarray]


def over_rows(of_rows: OfRows) -> Callable[[pd.DataFrame, RaceBlocks], np.ndarray]:
    """Return the mean over the rows of each race of a value per row."""

    def per_block(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
        total = np.bincount(blocks.race, of_rows(rows), minlength=blocks.count)
        return np.asarray(total / blocks.mask.sum(axis=1))

    return per_block
