"""How often it happens: overall, or by the ids of a key, drawn towards the overall rate where an id has few rows.

Seasons fade, because rates of races move with the rules and the years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators.shared.calibration import EDGE, Array


@dataclass(frozen=True)
class Rates:
    """The overall rate, and that of each id of `key` (None: of nobody in particular)."""

    key: str | None
    overall: float
    by_id: Mapping[int, float]

    @classmethod
    def count(cls, frame: pd.DataFrame, happened: Array, key: str | None, *, fade: float, weight: float) -> Rates:
        """Return the rates of sorted training rows.

        Args:
            frame: with `season` and the key.
            happened: 1 or 0 per row.
            key: column of ids or of whole numbers, or None; rows where it is null have the overall rate.
            fade: what a season counts of the one after it.
            weight: rows at the overall rate that are assumed seen of every id (and one even row of the overall rate).
        """
        age = frame["season"].max() - frame["season"].to_numpy()
        counted = np.power(fade, age.astype(np.float64))
        overall = float((counted @ happened + 0.5) / (counted.sum() + 1.0))
        if key is None:
            return cls(None, overall, {})
        rows = pd.DataFrame({key: frame[key].to_numpy(), "true": counted * happened, "rows": counted})
        sums = rows.groupby(key, sort=True).sum()
        rates = (sums["true"] + weight * overall) / (sums["rows"] + weight)
        return cls(key, overall, {int(name): float(rate) for name, rate in rates.items()})

    def of(self, frame: pd.DataFrame) -> Array:
        """Return the rate of each row; an id that was never seen has the overall one."""
        if self.key is None:
            return np.full(len(frame), self.overall)
        found = frame[self.key].map(dict(self.by_id)).astype("float64").fillna(self.overall)
        return np.asarray(np.clip(found.to_numpy(), EDGE, 1.0 - EDGE))

    def content(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"key": self.key, "overall": self.overall, "by_id": {str(name): p for name, p in self.by_id.items()}}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Rates:
        """Read what `content` gave."""
        return cls(content["key"], content["overall"], {int(name): p for name, p in content["by_id"].items()})
