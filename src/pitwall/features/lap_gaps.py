"""A car among the others after each lap it completed: gaps, laps down, the field's pace, the share of the race that is run.

Cars finish the same lap minutes apart, so "at that lap" is not "by that time". Everything here had happened when the car
crossed the line: who is behind is known from the lap before, and the field's pace from laps that were completed by then.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.green import CAR, GREEN, READS, lap_reasons, reasons_known_at
from pitwall.features.machinery.shared.green_window import last_green
from pitwall.features.machinery.shared.race_laps import completed_laps, usual_distance
from pitwall.features.machinery.shared.states import cumulative_known

BEFORE = "before the end of the first lap"


class Settings(Section):
    """`field_laps` green laps of all cars make the field's pace; `visits` races at a circuit its usual distance."""

    field_laps: int = 20
    visits: int = 3


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and completed lap."""
    rows = completed_laps(tables).sort_values(["race_id", "end_seconds", "driver_id"], ignore_index=True)
    crossing = rows["end_seconds"].groupby([rows["race_id"], rows["lap"]])
    rows["gap_to_leader"] = rows["end_seconds"] - crossing.transform("first")
    rows["gap_ahead"] = crossing.diff()
    rows["gap_behind"] = _gap_behind(rows, crossing.diff(-1).abs())
    leader = rows["lap"].groupby(rows["race_id"]).cummax()
    rows["laps_down"] = (leader - rows["lap"]).astype("float64")
    green = lap_reasons(rows, tables, over=False) == GREEN
    rows["field_pace"] = np.median(last_green(rows, green, ["race_id"], settings.field_laps), axis=1)
    rows["race_share"] = rows["lap"] / rows["race_id"].map(usual_distance(tables, settings.visits))
    rows["known_at"] = reasons_known_at(rows, tables)
    rows["known_at"] = cumulative_known(rows, ["race_id"])
    return rows[GROUP.columns]


def _gap_behind(rows: pd.DataFrame, behind: pd.Series) -> pd.Series:
    """Return the gap of the next car at the end of the lap before, where it had crossed the line by the end of this one."""
    car = [rows[key] for key in CAR]
    gap, end, lap = (values.groupby(car).shift(1) for values in (behind, rows["end_seconds"], rows["lap"]))
    return gap.where((end + gap <= rows["end_seconds"]) & (lap == rows["lap"] - 1))


def _feature(name: str, unit: str, meaning: str, null: str = BEFORE) -> Feature:
    return Feature(name, unit, meaning, null, Stage.IN_RACE)


GROUP = FeatureGroup(
    name="lap_gaps",
    entities=("race", "driver"),
    reads=(*READS, "races", "results"),
    features=(
        _feature("gap_to_leader", "s", "time behind the first car to complete this lap"),
        _feature(
            "gap_ahead", "s", "time behind the car that completed this lap last", "before the first lap's end, or leads"
        ),
        _feature(
            "gap_behind",
            "s",
            "lead over the next car at the end of the lap before, the newest that is known when the line is crossed",
            "before the second lap's end, last, or the next car had not crossed the line by then",
        ),
        _feature("laps_down", "laps", "laps that the leader has completed more"),
        _feature(
            "field_pace",
            "s",
            "median of the last `field_laps` green laps that any car completed by then",
            "fewer green laps than that so far",
        ),
        _feature(
            "race_share",
            "share",
            "laps completed as a share of the usual distance: the median of the winners' laps in the last `visits` races "
            "at the circuit",
            "before the first lap's end, or the first race at the circuit",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("lap", "lap_time", "gap", "pit"),
)
