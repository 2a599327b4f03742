"""A car in a race after each lap it completed: where it runs, on which tyres, how quick it has been.

Every value is made of the car's own laps up to that one; which of them were green also depends on what the track did
(`_green`). What other cars did is in `lap_gaps`, what the track did in `conditions`.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.tyres import CODES
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.green import CAR, GREEN, READS, lap_reasons, reasons_known_at
from pitwall.features.machinery.shared.green_window import deletions, last_green
from pitwall.features.machinery.shared.race_laps import completed_laps

SECTORS = ("sector_1", "sector_2", "sector_3")


class Settings(Section):
    """The fewest green laps of a stint that show a slope."""

    fewest_laps: int = 4


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and completed lap."""
    rows = completed_laps(tables)
    car = [rows[key] for key in CAR]
    rows["laps_completed"] = rows["lap"].astype("float64")
    rows["running_place"] = rows["place"]
    rows["stint_number"] = rows["stint"]
    rows["compound_code"] = rows["compound"].map(CODES).astype("float64")
    rows["tyre_age"] = rows["tyre_laps"]
    rows["last_lap_s"] = rows["seconds"]
    rows["pit_stops_so_far"] = rows["pit_in_seconds"].notna().groupby(car).cumsum().astype("float64")
    for sector in SECTORS:
        rows[f"best_{sector}"] = rows[sector].groupby(car).cummin().groupby(car).ffill()
    rows["trap_speed_so_far"] = rows["speed_st"].groupby(car).cummax().groupby(car).ffill()
    green = lap_reasons(rows, tables, over=False) == GREEN
    last = last_green(rows, green, CAR, 5)
    rows["green_pace_3"], rows["green_pace_5"] = last[:, 2:].mean(axis=1), last.mean(axis=1)
    rows["tire_deg_rate"] = _slope(rows, green, settings.fewest_laps)
    rows["known_at"] = reasons_known_at(rows, tables)
    return rows[GROUP.columns]


def _slope(rows: pd.DataFrame, green: pd.Series, fewest: int) -> pd.Series:
    """Return at each lap the least-squares slope of the stint's green laps over the lap number, in s per lap."""
    stint = [rows[key] for key in (*CAR, "stint")]
    seconds = rows["seconds"].where(green)
    x = (rows["lap"] - rows["lap"].groupby(stint).transform("first")).astype("float64")
    y = seconds - seconds.groupby(stint).transform("first")
    of_lap = pd.DataFrame({"n": 1.0, "x": x, "y": y, "xx": x * x, "xy": x * y}).where(green, 0.0)
    deleted = deletions(rows, green, [*CAR, "stint"])
    left = of_lap.iloc[deleted].set_index(rows.index)
    sums = of_lap.sub(left.mul(deleted >= 0, axis=0)).groupby(stint).cumsum()
    spread = sums["n"] * sums["xx"] - sums["x"] ** 2
    slope = (sums["n"] * sums["xy"] - sums["x"] * sums["y"]) / spread.where(spread > 0)
    return slope.where(sums["n"] >= fewest)


def _feature(name: str, unit: str, meaning: str, null: str = "before the end of the first lap") -> Feature:
    return Feature(name, unit, meaning, null, Stage.IN_RACE)


GROUP = FeatureGroup(
    name="lap_state",
    entities=("race", "driver"),
    reads=READS,
    features=(
        _feature("laps_completed", "laps", "laps completed"),
        _feature(
            "running_place", "place", "place at the end of the lap", "before the first lap's end, or not recorded"
        ),
        _feature("stint_number", "stint", "stint, from 1; every exit from the pits begins one"),
        _feature(
            "compound_code",
            "code",
            f"tyre on the car: {', '.join(f'{code:g} {name.lower()}' for name, code in CODES.items())}; from 2019 on soft "
            "to hard are the three of the weekend",
            "before the first lap's end, or unknown",
        ),
        _feature("tyre_age", "laps", "laps driven on this set of tyres, earlier use included"),
        _feature(
            "last_lap_s", "s", "time of the last lap", "before the first lap's end, or the lap had no printed time"
        ),
        _feature("green_pace_3", "s", "mean of the last 3 green laps", "fewer than three green laps so far"),
        _feature("green_pace_5", "s", "mean of the last 5 green laps", "fewer than five green laps so far"),
        _feature(
            "tire_deg_rate",
            "s/lap",
            "slope of the stint's green laps so far; fuel burning off lowers it and is not taken out",
            "fewer than `fewest_laps` green laps in the stint so far",
        ),
        _feature("pit_stops_so_far", "stops", "times that the car entered the pits"),
        *(_feature(f"best_{sector}", "s", f"best own {sector.replace('_', ' ')} so far") for sector in SECTORS),
        _feature("trap_speed_so_far", "km/h", "own highest speed on the longest straight so far", "not measured yet"),
    ),
    compute=compute,
    Settings=Settings,
    sets=("lap", "lap_time", "pit", "in_race"),
    reach="race",
)
