"""The three tasks: what is asked about the days after an instant, and how true answers are made of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.errors import UnknownName
from pitwall.ml.relbench.data.history import Known

DATASET = "rel-f1"
CUTOFFS = {"val": pd.Timestamp("2005-01-01"), "test": pd.Timestamp("2010-01-01")}
FRONT = 3


@dataclass(frozen=True)
class Task:
    """One task of the benchmark.

    Attributes:
        name: as the benchmark spells it.
        target: the column of the label.
        days: length of the window, which leaves its first instant out and its last one in.
        metric: `mae` or `auroc`.
        column: of the lines that the label sums up.
        qualifying: those lines are of qualifying, else of results.
    """

    name: str
    target: str
    days: int
    metric: str
    column: str
    qualifying: bool = False

    @property
    def yes_or_no(self) -> bool:
        """Return whether the label is 0 or 1."""
        return self.metric == "auroc"

    @property
    def window(self) -> pd.Timedelta:
        """Return the length of the window."""
        return pd.Timedelta(days=self.days)

    def outcomes(self, known: Known, seed: pd.Timestamp, *, official: bool = False) -> pd.DataFrame:
        """Return the label of every driver with a line in a window, and a number of which it is the coarse form.

        Args:
            known: of an instant after the window's end, or the answers are those of a part of it.
            seed: the window's start.
            official: as the benchmark counts: a starting grid is no qualifying.

        Returns:
            Sorted by driver (the index): label, fine.
        """
        window = self._window(known, seed)
        if official and self.qualifying:
            window = window[window["stand_in"] == 0]
        of = window.groupby("driver")
        if self.qualifying:
            best = of[self.column].min()
            return pd.DataFrame({"label": (best <= FRONT).astype("float64"), "fine": np.log(best)})
        label = of[self.column].max() if self.yes_or_no else of[self.column].mean()
        return pd.DataFrame({"label": label, "fine": of["order"].mean()})

    def _window(self, known: Known, seed: pd.Timestamp) -> pd.DataFrame:
        rows = known.qualifying if self.qualifying else known.results
        at = rows["day" if self.qualifying else "at"].to_numpy()
        return rows[(at > seed.to_datetime64()) & (at <= (seed + self.window).to_datetime64())]


TASKS = {
    each.name: each
    for each in (
        Task("driver-position", "position", 60, "mae", "order"),
        Task("driver-dnf", "did_not_finish", 30, "auroc", "unfinished"),
        Task("driver-top3", "qualifying", 30, "auroc", "place", qualifying=True),
    )
}


def task(name: str) -> Task:
    """Return a task by its name; raises `UnknownName`."""
    if name not in TASKS:
        raise UnknownName("task of rel-f1", name, TASKS)
    return TASKS[name]
