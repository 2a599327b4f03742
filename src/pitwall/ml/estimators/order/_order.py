"""What estimators of finishing orders share: they say a position matrix, which is the family's answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.families.order.answer import places

Positions = np.ndarray[tuple[int, int], np.dtype[np.float64]]


class SaysPlaces(ABC):
    """A fitted estimator whose answer is P(place) per row, rows x places of the largest field asked about."""

    params: Params
    validation_loss: float | None

    @abstractmethod
    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row of the frame; each race's block is doubly stochastic over its own field, zero beyond it."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write data-only files into an existing folder; the same state gives the same bytes."""

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the positions as the family's answer."""
        return places(self.positions(frame), frame.index)
