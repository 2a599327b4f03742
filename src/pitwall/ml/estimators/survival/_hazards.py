"""How often something ends with each of its steps, of those that last so long: Kaplan and Meier's estimate, by the ids of a key.

A step that few rows reached is drawn to the mean of all steps, and that of an id to that of all rows: no hazard is 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.survival._periods import Periods
from pitwall.ml.families.survival.answer import STEPS

# What seasons before the held-out ones chose, of rules.
STEPS_DRAWN, ROWS_DRAWN = 50.0, 100.0


@dataclass(frozen=True)
class Hazards:
    """The hazard of each step over all rows, and by id of `key` (None: of nobody in particular), in groups of `width` numbers."""

    key: str | None
    width: int
    overall: tuple[float, ...]
    by_id: Mapping[int, tuple[float, ...]]

    @classmethod
    def count(
        cls,
        frame: pd.DataFrame,
        outcome: pd.DataFrame,
        key: str | None,
        *,
        width: int = 1,
        steps: float = STEPS_DRAWN,
        weight: float = ROWS_DRAWN,
    ) -> Hazards:
        """Return the hazards of sorted training rows.

        Args:
            frame: with the key.
            outcome: what was seen of each row.
            key: column of ids or numbers, or None; rows where it is null have the overall hazards.
            width: of a group of numbers.
            steps: watched steps of the mean hazard that each step is drawn by.
            weight: rows of the overall hazards that are assumed seen of every id.
        """
        periods, ended = Periods.watched(outcome)
        watched, ends = _sums(periods, ended)
        mean = (ends.sum() + 0.5) / (watched.sum() + 1.0)
        overall = (ends + steps * mean) / (watched + steps)
        if key is None:
            return cls(None, width, tuple(overall.tolist()), {})
        group, by_id = _groups(frame, key, width)[periods.row], {}
        for name in np.unique(group[~np.isnan(group)]):
            own = group == name
            watched, ends = _sums(Periods(periods.row[own], periods.step[own]), ended[own])
            by_id[int(name)] = tuple(((ends + weight * overall) / (watched + weight)).tolist())
        return cls(key, width, tuple(overall.tolist()), by_id)

    def of(self, frame: pd.DataFrame) -> Array:
        """Return the hazards of each row, rows x steps; an id that was never seen has the overall ones."""
        overall = np.array(self.overall)
        if self.key is None:
            return np.tile(overall, (len(frame), 1))
        known = {name: np.array(each) for name, each in self.by_id.items()}
        groups = _groups(frame, self.key, self.width)
        return np.array([overall if np.isnan(each) else known.get(int(each), overall) for each in groups]).reshape(
            -1, STEPS
        )

    def content(self) -> dict[str, Any]:
        """Return it as JSON values."""
        by_id = {str(name): list(each) for name, each in self.by_id.items()}
        return {"key": self.key, "width": self.width, "overall": list(self.overall), "by_id": by_id}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Hazards:
        """Read what `content` gave."""
        by_id = {int(name): tuple(each) for name, each in content["by_id"].items()}
        return cls(content["key"], content["width"], tuple(content["overall"]), by_id)


def _groups(frame: pd.DataFrame, key: str, width: int) -> Array:
    return np.asarray(frame[key].to_numpy(dtype=np.float64, na_value=np.nan) // width)


def _sums(periods: Periods, ended: Array) -> tuple[Array, Array]:
    """Return at each step how many rows were watched, and how many ended with it."""
    counted = (np.bincount(periods.step - 1, each, minlength=STEPS) for each in (np.ones(len(ended)), ended))
    watched, ends = counted
    return watched.astype(np.float64), ends.astype(np.float64)
