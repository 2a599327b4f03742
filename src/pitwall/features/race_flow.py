"""A race at the instant at which the leader ends a lap: how far it is, how close the cars run, who has gone missing, whether a flag is out."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US, Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.standings import READS as LAPS
from pitwall.features.machinery.shared.standings import standings
from pitwall.features.machinery.shared.states import cumulative_known

LAP = ["race_id", "lap"]
READS = (*LAPS, "track_status")
TROUBLE = ("2", "6")  # yellow flags, a virtual safety car


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
    at = cars.groupby(LAP, as_index=False)[[*STAMPS, "share", "clock"]].first()
    rows = _with_flags(at.merge(counted, on=LAP), tables["track_status"])
    rows["leader_laps"], rows["opening"] = rows["lap"].astype("float64"), 1.0 / rows["lap"]
    names = {
        "share": "distance_run",
        "close": "cars_close",
        "missing": "cars_missing",
        "running": "cars_running",
        "trouble": "trouble_now",
    }
    return rows.rename(columns=names)[GROUP.columns]


NONE = "before the leader has ended a lap"


def _with_flags(rows: pd.DataFrame, messages: pd.DataFrame) -> pd.DataFrame:
    """Add whether the newest message tells of trouble on the track; null where there is none yet."""
    log = messages.sort_values(["race_id", "seconds", "message"], kind="stable")
    log = log.assign(told=cumulative_known(log, ["race_id"]), trouble=log["status"].isin(TROUBLE).astype("float64"))
    asked = rows.sort_values(["clock", "race_id"], kind="stable")
    found = pd.merge_asof(
        asked,
        log.sort_values("seconds", kind="stable")[["race_id", "seconds", "told", "trouble"]],
        left_on="clock",
        right_on="seconds",
        by="race_id",
    )
    found["known_at"] = found["known_at"].where(~(found["told"] > found["known_at"]), found["told"]).astype(UTC_US)
    found = found.sort_values(LAP, ignore_index=True)
    return found.assign(known_at=cumulative_known(found, ["race_id"]))


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
        _feature(
            "opening", "share", "one part of the laps that the leader has ended: 1 after the first, and soon near 0"
        ),
        Feature(
            "trouble_now",
            "0/1",
            "1 while yellow flags or a virtual safety car are out as the leader ends a lap",
            "no message yet, or a race without a live feed (none before 2018)",
            Stage.IN_RACE,
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("track",),
)
