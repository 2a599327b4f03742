"""Lines by their owner, a driver or a team: means that fade with age, counts, the newest values."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.ml.relbench.features.tick import Array, Ids

DAY = np.timedelta64(1, "D")
NOTHING = 1e-9  # a weight below this is none


@dataclass(frozen=True)
class Owned:
    """Lines of some owners, in time order.

    Attributes:
        owner: (rows,) index of whose line it is.
        age: (rows,) days from the line to the instant of reading.
        rows: the lines.
        count: of owners, those without a line too.
    """

    owner: npt.NDArray[np.intp]
    age: Array
    rows: pd.DataFrame
    count: int
    _weights: dict[float, Array] = field(default_factory=dict)

    def mean(self, column: str, days: float) -> Array:
        """Return the mean of a column per owner, a line weighing exp(-age / days); nan where there is none."""
        values = self.rows[column].to_numpy(dtype=np.float64)
        weights = self._weight(days) * ~np.isnan(values)
        total = np.bincount(self.owner, weights, self.count)
        summed = np.bincount(self.owner, weights * np.nan_to_num(values), self.count)
        return np.where(total > NOTHING, summed / np.maximum(total, NOTHING), np.nan)

    def amount(self, days: float) -> Array:
        """Return the summed weights of an owner's lines; a plain count for infinite days."""
        return np.bincount(self.owner, self._weight(days), self.count).astype(np.float64)

    def newest(self, values: Array, back: int = 1) -> Array:
        """Return a value of the owner's line that lies `back` lines back, 1 being the newest; nan where there is none."""
        found = np.full(self.count, np.nan)
        order = np.argsort(self.owner, kind="stable")
        ends = np.cumsum(np.bincount(self.owner, minlength=self.count))
        at = ends - back
        has = at >= np.concatenate([[0], ends[:-1]])
        found[has] = values[order[at[has]]]
        return found

    def column(self, name: str, back: int = 1) -> Array:
        """Return a column of the owner's line that lies `back` lines back."""
        return self.newest(self.rows[name].to_numpy(dtype=np.float64), back)

    def _weight(self, days: float) -> Array:
        if days not in self._weights:
            self._weights[days] = np.exp(-self.age / days)
        return self._weights[days]


def owned(rows: pd.DataFrame, key: str, owners: Array | Ids, instant: pd.Timestamp) -> Owned:
    """Return the lines of some owners.

    Args:
        rows: of `Known`.
        key: `driver` or `team`.
        owners: ids, each once.
        instant: of reading.
    """
    order = np.argsort(owners, kind="stable")
    ids = rows[key].to_numpy()
    spot = np.searchsorted(owners[order], ids)
    index = order[np.minimum(spot, len(owners) - 1)] if len(owners) else np.zeros(len(ids), dtype=np.intp)
    mine = owners[index] == ids if len(owners) else np.zeros(len(ids), dtype=bool)
    lines = rows[mine]
    age = (instant.to_datetime64() - lines["at"].to_numpy()) / DAY
    return Owned(index[mine], age.astype(np.float64), lines, len(owners))
