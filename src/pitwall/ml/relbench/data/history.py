"""The one way to rows of the past: what is dated strictly before an instant is handed on as a copy, and nothing else.

Every row carries the instant from which on it may be read (`at`). `Known` is all that features, samples and models are given: no
later row can be reached from it, and it refuses to exist with one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.errors import LeakError

RESULTS_ORDER = ["at", "race", "driver", "order", "team"]
QUALIFYING_ORDER = ["at", "race", "driver", "place", "team"]


@dataclass(frozen=True)
class Known:
    """What may be read at an instant, each table in the order of `at`.

    Attributes:
        instant: every row is dated strictly before it.
        results: a row per line of a classification (`lines.results_of` names the columns).
        qualifying: a row per line of a qualifying, or of a starting grid where a race has no such lines (`stand_in`); `day` is
            the instant of the qualifying.

    Raises:
        LeakError: a row is dated at the instant or later.
    """

    instant: pd.Timestamp
    results: pd.DataFrame
    qualifying: pd.DataFrame

    def __post_init__(self) -> None:
        for name, rows in (("results", self.results), ("qualifying", self.qualifying)):
            if len(rows) and rows["at"].max() >= self.instant:
                raise LeakError(
                    f"{name} handed on for {self.instant} hold a row of {rows['at'].max()}; all must be dated strictly before. "
                    "The reader leaks: cut by `at` with `<`."
                )

    def before(self, instant: pd.Timestamp) -> Known:
        """Return what was known at an earlier instant."""
        return Known(instant, _cut(self.results, instant), _cut(self.qualifying, instant))


class History:
    """All rows of a dump, to be read through `before` alone.

    Args:
        results: rows as `Known` has them, in any order.
        qualifying: the same.
    """

    def __init__(self, results: pd.DataFrame, qualifying: pd.DataFrame) -> None:
        self._results = results.sort_values(RESULTS_ORDER, kind="stable", ignore_index=True)
        self._qualifying = qualifying.sort_values(QUALIFYING_ORDER, kind="stable", ignore_index=True)

    def before(self, instant: pd.Timestamp) -> Known:
        """Return what is dated strictly before an instant."""
        return Known(instant, _cut(self._results, instant), _cut(self._qualifying, instant))


def _cut(rows: pd.DataFrame, instant: pd.Timestamp) -> pd.DataFrame:
    end = int(np.searchsorted(rows["at"].to_numpy(), instant.to_datetime64(), side="left"))
    return rows.iloc[:end].copy()
