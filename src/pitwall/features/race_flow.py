"""A race at the instant at which the leader ends a lap: how far it is, how close the cars run, which of them have gone missing."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.standings import READS, standings

LAP = ["race_id", "lap"]


class Settings(Section):
    """What makes a car close to the one ahead, missing, and lost.

    `close_s` seconds are close; `missing_s` seconds overdue no stop explains, and from `lost_s` on everybody has seen it. `visits` and
    `usual_s` tell the distance as in `race_standing`.
    """

    close_s: float = 1.5
    missing_s: float = 35.0
    lost_s: float = 150.0
    visits: int = 3
    usual_s: float = 5400.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per race and lap of the leader."""
    cars = standings(tables, settings.visits, settings.usual_s).sort_values([*LAP, "place"], ignore_index=True)
    apart = cars["gap"] - cars.groupby(LAP)["gap"].shift()
    lost = (cars["overdue"] >= settings.lost_s) | (cars["missed"] > 1)
    cars["close"] = ((apart < settings.close_s) & ~lost).astype("float64")
    cars["missing"] = ((cars["overdue"] >= settings.missing_s) & ~lost).astype("float64")
    cars["running"] = (~lost).astype("float64")
    counted = cars.groupby(LAP, as_index=False)[["close", "missing", "running"]].sum()
    at = cars.groupby(LAP, as_index=False)[[*STAMPS, "share"]].first()
    rows = at.merge(counted, on=LAP)
    rows["leader_laps"] = rows["lap"].astype("float64")
    names = {"share": "distance_run", "close": "cars_close", "missing": "cars_missing", "running": "cars_running"}
    return rows.rename(columns=names)[GROUP.columns]


NONE = "before the leader has ended a lap"


def _feature(name: str, unit: str, meaning: str) -> Feature:
    return Feature(name, unit, f"{meaning}, as the leader ends a lap", NONE, Stage.IN_RACE)


GROUP = FeatureGroup(
    name="race_flow",
    entities=("race",),
    reads=READS,
    features=(
        _feature("leader_laps", "laps", "laps that the leader has ended"),
        _feature("distance_run", "share", "the same as a share of the usual distance, or of the usual time"),
        _feature("cars_close", "cars", "cars within `close_s` of the one ahead"),
        _feature(
            "cars_missing", "cars", "cars overdue by more than `missing_s`, less than `lost_s`: they stand, or crawl"
        ),
        _feature("cars_running", "cars", "cars that are not lost"),
    ),
    compute=compute,
    Settings=Settings,
    sets=("track",),
)
