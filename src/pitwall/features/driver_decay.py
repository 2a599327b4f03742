"""A driver's form with a memory of days instead of races: weights fade with time, also through a winter or a year away.

Three memories stand side by side (two months, a year, four years), because none is right for all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.shared.states import cumulative_known, starters

KEY = "driver_id"
DAYS = (60, 365, 1500)
SHOWS = {"beaten": "driver_form", "retirement": "driver_retired"}
NO_RACE = "has not started a race yet"
US_PER_DAY = 86_400_000_000


def compute(tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
    """Return one row per driver after each race they started."""
    rows = starters(tables)
    order = rows.groupby("race_id")["place"]
    others = order.transform("size") - 1
    rows["beaten"] = ((others + 1 - order.rank()) / others.where(others > 0)).fillna(1.0)
    rows["retirement"] = rows["retired"].astype("float64")
    rows = rows.sort_values([KEY, "event_timestamp", "race_id"], ignore_index=True)
    shown = rows[list(SHOWS)].to_numpy(np.float64)
    for memory in DAYS:
        means = faded_means(rows[KEY].to_numpy(), rows["event_timestamp"].astype("int64").to_numpy(), shown, memory)
        for column, name in enumerate(SHOWS.values()):
            rows[f"{name}_{memory}d"] = means[:, column]
    rows["known_at"] = cumulative_known(rows, [KEY])
    return rows[GROUP.columns]


def faded_means(
    key: npt.NDArray[np.int64], micros: npt.NDArray[np.int64], values: npt.NDArray[np.float64], days: float
) -> npt.NDArray[np.float64]:
    """Return after each row the mean of an entity's values so far, each weighing exp(-age / days).

    Args:
        key: (n,) the entity, sorted.
        micros: (n,) instants in microseconds, ascending per entity.
        values: (n, columns).
        days: the memory.
    """
    again = np.r_[False, key[1:] == key[:-1]][: len(key)]
    fade = np.where(again, np.exp(-np.diff(micros, prepend=micros[:1]) / (days * US_PER_DAY)), 0.0)
    sums = np.column_stack([values, np.ones(len(values))])
    for row in range(1, len(sums)):
        sums[row] += fade[row] * sums[row - 1]
    return np.asarray(sums[:, :-1] / sums[:, -1:])


GROUP = FeatureGroup(
    name="driver_decay",
    entities=("driver",),
    reads=("races", "results"),
    features=(
        *(
            Feature(
                f"driver_form_{days}d",
                "share",
                f"mean share of the other cars beaten, a race weighing exp(-age / {days} days)",
                NO_RACE,
            )
            for days in DAYS
        ),
        *(
            Feature(
                f"driver_retired_{days}d", "share", f"share of races retired from, weighing the same {days}d", NO_RACE
            )
            for days in DAYS
        ),
    ),
    compute=compute,
    sets=("driver",),
    reach="entity",
)
