"""The numbers that speak for a car while a race is under way, and how their weight moves with the distance.

Gaps enter as logarithms and as drifts: what is still to come grows with the root of the distance left, so the same gap says more the later
it is. *Net* is the standing once everybody has stopped as often as the field has, and has served the stop that the rules still ask for. Each number has a weight at the start and another one at the flag, with a straight line between. Numbers that no car of an instant
differs in drop out of its chances by themselves.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.ml.estimators.first_three._places import Array, ranked, running_order
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

NEAR_S, DRIFT_S, FAR_S = 2.0, 20.0, 120.0
LEAST_LEFT = 0.02
MOST_MISSED = 3.0
SLOW = {4.0, 5.0, 6.0, 7.0}  # safety car, red flag, virtual safety car out and ending
PACE_CAP_S = 2.0
STOP_S = 22.0  # that a stop costs, about
NEWCOMER = -0.4  # the priors of the ratings: a little below the average
RATINGS = ("running", "lap_pace", "race")
NEEDS = (
    *("standing_place", "standing_gap", "overdue_s", "laps_missed", "race_share_led"),
    *("green_median_5", "pit_stops_so_far", "tyre_age", "one_compound", "track_status_now"),
    *("grid", "qualifying_gap_pct"),
    *(f"{side}_{name}_rating" for name in RATINGS for side in ("driver", "team")),
)


def design(frame: pd.DataFrame, blocks: RaceBlocks) -> tuple[Array, tuple[str, ...]]:
    """Return rows x columns without nulls, and the columns' names.

    Args:
        frame: with `NEEDS`.
        blocks: of rows that compete.
    """
    share = np.clip(_filled(frame, "race_share_led", 0.0), 0.0, 1.0)
    numbers = _numbers(frame, blocks, np.maximum(1.0 - share, LEAST_LEFT))
    columns = {}
    for name, values in numbers.items():
        columns[name], columns[f"{name}, late"] = values * (1.0 - share), values * share
    return np.column_stack(list(columns.values())), tuple(columns)


def _numbers(frame: pd.DataFrame, blocks: RaceBlocks, left: Array) -> dict[str, Array]:
    place, lost = running_order(frame, blocks), _lost(frame, blocks)
    gap = np.where(lost, FAR_S, np.clip(_filled(frame, "standing_gap", 0.0), 0.0, FAR_S))
    overdue = np.where(lost, FAR_S, np.clip(_filled(frame, "overdue_s", 0.0), 0.0, FAR_S))
    slow = np.isin(_of(frame, "track_status_now"), list(SLOW))
    pace = np.clip(_apart(_of(frame, "green_median_5"), blocks), -PACE_CAP_S, PACE_CAP_S)
    stops, age = _apart(_of(frame, "pit_stops_so_far"), blocks), _apart(_of(frame, "tyre_age") / 20.0, blocks)
    owes = _apart(_of(frame, "one_compound"), blocks)
    rank, net = ranked(gap + STOP_S * (owes - stops), blocks)
    return {
        "leads": (place < 1.5) * 1.0,
        "log place": np.log(place),
        "log gap": np.log1p(gap / NEAR_S),
        "drift": gap / (DRIFT_S * np.sqrt(left)),
        "log gap, slow": np.log1p(gap / NEAR_S) * slow,
        "overdue": np.log1p(overdue),
        "laps missed": np.where(lost, MOST_MISSED, np.minimum(_filled(frame, "laps_missed", 0.0), MOST_MISSED)),
        "pace": pace,
        "stops": stops,
        "tyre age": age,
        "owes a stop": owes,
        "leads, net": (rank < 1.5) * 1.0,
        "log place, net": np.log(rank),
        "log gap, net": np.log1p(net / NEAR_S),
        "drift, net": np.minimum(net, FAR_S) / (DRIFT_S * np.sqrt(left)),
        "log grid": np.log(np.maximum(_filled(frame, "grid", 20.0), 1.0)),
        "qualifying gap": np.log1p(2.0 * np.clip(_filled(frame, "qualifying_gap_pct", 3.0), 0.0, 5.0)),
        **{name: _rating(frame, name) for name in RATINGS},
    }


def _lost(frame: pd.DataFrame, blocks: RaceBlocks) -> npt.NDArray[np.bool_]:
    """Return which cars have ended no lap while others have: more than one, because the leader alone ends a lap first."""
    unknown = np.isnan(_of(frame, "standing_place"))
    known = np.bincount(blocks.race, ~unknown, blocks.count)[blocks.race]
    return np.asarray(unknown & (known > 1))


def _rating(frame: pd.DataFrame, name: str) -> Array:
    return _filled(frame, f"driver_{name}_rating", NEWCOMER) + _filled(frame, f"team_{name}_rating", NEWCOMER)


def _of(frame: pd.DataFrame, name: str) -> Array:
    return np.asarray(frame[name].to_numpy(dtype=np.float64))


def _filled(frame: pd.DataFrame, name: str, null: float) -> Array:
    values = _of(frame, name)
    return np.where(np.isnan(values), null, values)


def _apart(values: Array, blocks: RaceBlocks) -> Array:
    """Return differences from the mean of the cars of an instant of which it is known, 0 where it is not."""
    known = ~np.isnan(values)
    count = np.bincount(blocks.race, known, blocks.count)
    total = np.bincount(blocks.race, np.where(known, values, 0.0), blocks.count)
    mean = np.divide(total, count, out=np.zeros(blocks.count), where=count > 0)
    return np.where(known, values - mean[blocks.race], 0.0)
