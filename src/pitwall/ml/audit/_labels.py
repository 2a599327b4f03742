"""Deal the outcomes of races anew among their cars, and measure whether a feature still knows which car got which.

A race's outcomes are everything that its cars did in it: result, laps, stops, the standings after it. One permutation per
race moves them all, so that the tables still agree with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

OUTCOME_TABLES = ("results", "lap_times", "laps", "pit_stops", "driver_standings")
KEY = ["race_id", "driver_id"]
FEWEST_CARS = 4


@dataclass(frozen=True)
class Shuffled:
    """Tables with shuffled outcomes; `dealt` says whose outcome each car got: race_id, driver_id, from_driver."""

    tables: Tables
    dealt: pd.DataFrame


def shuffle_races(tables: Tables, races: npt.NDArray[np.int64] | Sequence[int], seed: tuple[int, ...]) -> Shuffled:
    """Return the tables with the outcomes of some races dealt anew among the cars of each.

    Args:
        tables: canonical tables with all versions; all versions of a row move together.
        races: the ids of the races.
        seed: of the permutations.
    """
    rng = np.random.default_rng(seed)
    cars = tables["results"].drop_duplicates(KEY).sort_values(KEY)[[*KEY, "constructor_id"]]
    cars = cars[cars["race_id"].isin(races)].reset_index(drop=True)
    drawn = pd.Series(rng.random(len(cars))).groupby(cars["race_id"]).rank().to_numpy() - 1
    first = cars.groupby("race_id")["driver_id"].transform("size").groupby(cars["race_id"]).cumcount()
    start = np.arange(len(cars)) - first.to_numpy()
    other = cars.iloc[(start + drawn).astype(np.int64)]
    dealt = cars.assign(from_driver=other["driver_id"].to_numpy())
    moved = {name: _moved(tables[name], dealt) for name in OUTCOME_TABLES if name in tables}
    return Shuffled(tables.replace(**moved), dealt[[*KEY, "from_driver"]])


def _moved(rows: pd.DataFrame, dealt: pd.DataFrame) -> pd.DataFrame:
    new = dealt.rename(columns={"driver_id": "new_driver", "constructor_id": "new_team", "from_driver": "driver_id"})
    found = rows[KEY].merge(new, on=KEY, how="left").set_index(rows.index)
    moved = rows.copy()
    for column, source in (("driver_id", "new_driver"), ("constructor_id", "new_team")):
        if column in rows:
            moved[column] = found[source].where(found[source].notna(), rows[column]).astype("int64")
    return moved


def correlations(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], race: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the rank correlation within each race, and its number of cars; races without two values each are left out.

    Args:
        x, y: per car, NaN where unknown: such cars are left out.
        race: the race of each car; races come back in the order in which they first appear.
    """
    told = ~(np.isnan(x) | np.isnan(y))
    fields = race_blocks(race[told])
    one, other = (_centred_ranks(values[told], fields) for values in (x, y))
    cars, spread = fields.mask.sum(axis=1), (one**2).sum(axis=1) * (other**2).sum(axis=1)
    enough = (spread > 0) & (cars >= FEWEST_CARS)
    return ((one * other).sum(axis=1)[enough] / np.sqrt(spread[enough])), cars[enough]


def _centred_ranks(values: npt.NDArray[np.float64], fields: RaceBlocks) -> npt.NDArray[np.float64]:
    """Return races x slots: ranks less their mean, ties shared, 0 where padded."""
    padded = fields.pad(values, np.nan)
    own, others = padded[:, :, None], padded[:, None, :]
    ranks = (others < own).sum(axis=2) + 0.5 * (others == own).sum(axis=2)
    mean = ranks.sum(axis=1, keepdims=True) / np.maximum(fields.mask.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.where(fields.mask, ranks - mean, 0.0))
