"""How quick a car has been on its last green laps, and what its last lap was beside them.

The median of the last five green laps is the pace; everything else is told as a difference from it, in seconds, so that circuits
of sixty and of a hundred seconds can be compared. All of it is made of the car's own laps up to the one that has just ended.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.green import CAR, GREEN, READS, lap_reasons, reasons_known_at
from pitwall.features.machinery.shared.green_window import last_green, last_known, median_of_known
from pitwall.features.machinery.shared.race_laps import completed_laps

STINT = [*CAR, "stint"]
NEWEST = 5
MEASURED = {
    "sector_1_diff": "sector_1",
    "sector_2_diff": "sector_2",
    "sector_3_diff": "sector_3",
    "finish_speed_diff": "speed_fl",
    "trap_speed_diff": "speed_st",
}


class Settings(Section):
    """`measured_laps` green laps make the usual sector time and speed that the last lap's is held against."""

    measured_laps: int = 5


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and completed lap."""
    rows = completed_laps(tables)
    green = lap_reasons(rows, tables, over=False) == GREEN
    last = last_green(rows, green, CAR, NEWEST)
    pace = median_of_known(last)
    rows["green_median_5"], rows["green_last_s"] = pace, last[:, -1]
    for back in range(1, NEWEST + 1):
        rows[f"green_diff_{back}"] = last[:, -back] - pace
    rows["green_mean_3_diff"] = last[:, -3:].mean(axis=1) - pace
    seconds = rows["seconds"].where(green)
    for name, keys in (("race_best_diff", CAR), ("stint_best_diff", STINT)):
        rows[name] = _running_best(rows, seconds, keys) - pace
    rows["last_lap_diff"] = rows["seconds"] - pace
    lap = rows["lap"].astype("float64")
    rows["laps_since_green"] = lap - lap.where(green).groupby([rows[key] for key in CAR]).ffill()
    stint = [rows[key] for key in STINT]
    rows["stint_green_laps"] = green.astype("float64").groupby(stint).cumsum()
    rows["stint_laps"] = rows.groupby(STINT).cumcount() + 1.0
    rows["last_lap_green"] = green.astype("float64")
    rows["last_lap_yellow"] = rows["track_status"].str.contains("2").astype("float64")
    rows["new_tyre_now"] = rows["new_tyre"].astype("float64")
    for name, column in MEASURED.items():
        usual = median_of_known(last_known(rows, rows[column].where(green), CAR, settings.measured_laps))
        rows[name] = rows[column] - usual
    rows["known_at"] = reasons_known_at(rows, tables)
    return rows[GROUP.columns]


def _running_best(rows: pd.DataFrame, seconds: pd.Series, keys: list[str]) -> pd.Series:
    by = [rows[key] for key in keys]
    return seconds.groupby(by).cummin().groupby(by).ffill()


def _feature(name: str, unit: str, meaning: str, null: str = "no green lap yet") -> Feature:
    return Feature(name, unit, meaning, null, Stage.IN_RACE)


GROUP = FeatureGroup(
    name="lap_pace",
    entities=("race", "driver"),
    reads=READS,
    features=(
        _feature("green_median_5", "s", "own pace: median of the last five green laps, or of as many as there are"),
        _feature("green_last_s", "s", "time of the newest green lap"),
        *(
            _feature(
                f"green_diff_{back}",
                "s",
                f"green lap number {back} from the newest less the own pace",
                f"fewer than {back} green laps yet" if back > 1 else "no green lap yet",
            )
            for back in range(1, NEWEST + 1)
        ),
        _feature(
            "green_mean_3_diff",
            "s",
            "mean of the last three green laps less the own pace",
            "fewer than three green laps yet",
        ),
        _feature("race_best_diff", "s", "best green lap of the race so far less the own pace"),
        _feature(
            "stint_best_diff",
            "s",
            "best green lap of the stint so far less the own pace",
            "no green lap in the stint yet, or the stint is not recorded",
        ),
        _feature(
            "last_lap_diff",
            "s",
            "last lap, green or not, less the own pace",
            "no green lap yet, or the last lap had no printed time",
        ),
        _feature("laps_since_green", "laps", "laps since the newest green lap, 0 if the last one was"),
        _feature("stint_green_laps", "laps", "green laps of the stint so far", "the stint is not recorded"),
        _feature("stint_laps", "laps", "laps of the stint so far", "before the end of the first lap"),
        _feature("last_lap_green", "0/1", "1 if the last lap was green", "before the end of the first lap"),
        _feature(
            "last_lap_yellow",
            "0/1",
            "1 if a yellow flag was out during the last lap",
            "before the end of the first lap",
        ),
        _feature("new_tyre_now", "0/1", "1 if the set of tyres was new", "before the first lap's end, or not recorded"),
        *(
            _feature(
                name,
                "km/h" if "speed" in name else "s",
                f"{column.replace('_', ' ')} of the last lap less the median of the last `measured_laps` green ones",
                "no green lap with such a measurement yet, or the last lap has none",
            )
            for name, column in MEASURED.items()
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("lap", "lap_time", "gap", "pit", "in_race"),
    reach="race",
)
