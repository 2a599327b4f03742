"""Features of laps: the median "of that lap number", which holds laps that slower cars have yet to drive, and clean ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.shared.green import CAR
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.features.machinery.shared.states import cumulative_known
from pitwall.testing.leaks._draw import Draw, group_of

COLUMNS = ("seconds", "sector_1", "sector_2", "sector_3", "speed_st")
QUANTILES = (0.5, 0.5, 0.25, 0.75)


def later_lap_median(seed: int, where: str | None = None) -> FeatureGroup:
    """A lap is compared with the median of all cars on that lap, also of those that have not driven it yet."""
    draw, column = _lap_draw(seed)
    draw = draw.shown(where)

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = _laps(tables)
        per = rows.groupby(["race_id", "lap"])[column]
        middle = per.transform("mean") if draw.form % 5 == 0 else per.transform("quantile", QUANTILES[draw.form % 4])
        value = draw.blend(rows, _own(rows, column, draw), rows[column] - middle)
        return rows.assign(**{group.names[0]: value})[group.columns]

    group = group_of(draw, "later_lap_median", ("race", "driver"), ("races", "laps"), compute)
    return group


def clean_lap(seed: int) -> FeatureGroup:
    """A lap is compared with the car's own laps so far, or with the cars that have finished that lap by then."""
    draw, column = _lap_draw(seed)

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = _laps(tables)
        value = _own(rows, column, draw)
        if draw.form % 2:
            ordered = rows.sort_values(["race_id", "lap", "end_seconds", "driver_id"])
            per = ordered.groupby(["race_id", "lap"])[column]
            value = (ordered[column] - per.cummin()).reindex(rows.index)
            rows = rows.assign(known_at=_known_with_the_field(ordered).reindex(rows.index))
        rows["known_at"] = cumulative_known(rows, CAR)  # of the own laps so far
        return rows.assign(**{group.names[0]: value})[group.columns]

    group = group_of(draw, "clean_lap", ("race", "driver"), ("races", "laps"), compute)
    return group


def _lap_draw(seed: int) -> tuple[Draw, str]:
    draw = Draw.of(seed, ("lap_times",), ("driver",))
    return draw, COLUMNS[draw.form % len(COLUMNS)]


def _laps(tables: Tables) -> pd.DataFrame:
    laps = completed_laps(tables)
    return laps.merge(tables["races"][["race_id", "season", "round"]], on="race_id").sort_values(
        [*CAR, "lap"], ignore_index=True
    )


def _known_with_the_field(ordered: pd.DataFrame) -> pd.Series:
    """Return when a lap and all faster ones of its number were known."""
    known = ordered["known_at"].astype("int64").groupby([ordered["race_id"], ordered["lap"]]).cummax()
    return pd.to_datetime(known, unit="us", utc=True).astype(ordered["known_at"].dtype)


def _own(rows: pd.DataFrame, column: str, draw: Draw) -> pd.Series:
    rolled = rows.groupby(CAR)[column].rolling(draw.window, min_periods=1).mean()
    return rows[column] - rolled.droplevel([0, 1]).reindex(rows.index)
