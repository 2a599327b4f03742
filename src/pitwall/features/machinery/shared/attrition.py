"""How often cars drop out, and of what: the rates of the whole field after each race, and sums that fade.

Over the years the field's rate fell from one car in two to one in ten, so what a driver, a team or a circuit does to it is
told beside it: as a rate drawn towards the field's, or as the ratio to what the field would have lost in the same races.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.params import Section
from pitwall.domain.racing.retirements import by_cause
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.shared.states import starters, with_lineage

KINDS = ("retired", "accident", "breakdown")
READS = ("races", "results", "constructors")
Array = npt.NDArray[np.float64]


class FieldSettings(Section):
    """The field's rate: `field_decay` per race; at the start `field_weight` cars are assumed seen, of which `prior` retired."""

    field_decay: float = 0.95
    field_weight: float = 200.0
    prior: float = 0.3


def cars(tables: Tables, settings: FieldSettings) -> pd.DataFrame:
    """Return `starters` with lineage, circuit_id, what befell each car, and the field's rates before and after its race.

    Columns `retired`, `accident` and `breakdown` are 1.0 or 0.0, `<kind>_before` and `<kind>_after` the field's; `known_at`
    covers all of it, so it never falls from race to race.
    """
    rows = with_lineage(starters(tables), tables).merge(tables["races"][["race_id", "circuit_id"]], on="race_id")
    rows[list(KINDS)] = by_cause(rows)[list(KINDS)]
    rows["known_at"] = _running(rows["known_at"])
    return rows.merge(_field(rows, settings), on="race_id")


def field_states(tables: Tables, settings: FieldSettings) -> pd.DataFrame:
    """Return one row per race with its stamps and the field's rates after it, `<kind>_after`, in time order."""
    rows = cars(tables, settings).drop_duplicates("race_id", ignore_index=True)
    return rows[["race_id", "season", *STAMPS, *(f"{kind}_after" for kind in KINDS)]]


def totals(rows: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Return the columns summed per race and key, in time order, with stamps and the field's rates after the race."""
    stay = dict.fromkeys(["known_at", *(f"{kind}_after" for kind in KINDS)], "first")
    per = rows.groupby(["event_timestamp", "race_id", *keys], as_index=False, sort=True)
    return per.agg({**stay, **dict.fromkeys(columns, "sum")})


def faded_sums(key: npt.NDArray[np.int64], values: Array, decay: float, start: Array | float = 0.0) -> Array:
    """Return after each row its entity's values summed so far, each weighing `decay` per later row of that entity.

    Args:
        key: (n,) the entity; rows in time order.
        values: (n, columns).
        decay: at most 1.
        start: what stands before the first row, fading with the rest.
    """
    state: dict[int, Array] = {}
    sums = np.empty_like(values)
    for row, entity in enumerate(key.tolist()):
        state[entity] = sums[row] = state.get(entity, start) * decay + values[row]
    return sums


def ratios(rows: pd.DataFrame, key: str, decay: float, weight: float) -> Array:
    """Return per row and kind what an entity lost over what the field would have lost in its place, drawn to 1.

    Args:
        rows: in time order, with kinds, `<kind>_expected` (cars) and `<kind>_after`.
        key: the entity's id column.
        decay: per race of the entity.
        weight: cars of the field's rate that are assumed seen.
    """
    lost = [*KINDS, *(f"{kind}_expected" for kind in KINDS)]
    sums = faded_sums(rows[key].to_numpy(np.int64), rows[lost].to_numpy(np.float64), decay)
    assumed = weight * rows[[f"{kind}_after" for kind in KINDS]].to_numpy(np.float64)
    return np.asarray((sums[:, : len(KINDS)] + assumed) / (sums[:, len(KINDS) :] + assumed))


def _field(rows: pd.DataFrame, settings: FieldSettings) -> pd.DataFrame:
    """Return per race the field's rates before and after it."""
    races = rows.groupby(["event_timestamp", "race_id"], as_index=False, sort=True).agg(
        **{kind: (kind, "sum") for kind in KINDS}, cars=("retired", "size")
    )
    assumed = settings.prior * np.array([1.0, 0.5, 0.5])
    start = settings.field_weight * np.append(assumed, 1.0)
    values = races[[*KINDS, "cars"]].to_numpy(np.float64)
    sums = faded_sums(np.zeros(len(races), dtype=np.int64), values, settings.field_decay, start)
    after = sums[:, :-1] / sums[:, -1:]
    before = np.vstack([assumed, after])[: len(races)]
    named = {f"{kind}_before": before[:, at] for at, kind in enumerate(KINDS)}
    return races[["race_id"]].assign(**named, **{f"{kind}_after": after[:, at] for at, kind in enumerate(KINDS)})


def _running(known_at: pd.Series) -> pd.Series:
    return pd.to_datetime(known_at.astype(UTC_US).astype("int64").cummax(), unit="us", utc=True).astype(UTC_US)
