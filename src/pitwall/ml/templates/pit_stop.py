"""How long does the car stay in the pit lane? Asked when it enters, answered for an ordinary stop.

A stop far from the others of its race is a repair, a penalty, a queue or a mistake: another question, which one such stop in ten would
decide alone. So stops farther than 3 s from the median of their race have no label. That median is known after the race and says which
stops count, in learning as in judging, or intervals would be learned from other stops than they are held against; no feature sees it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.keys import STOP
from pitwall.domain.racing.pit_stops import CAR, entries, recorded_stops
from pitwall.domain.when import Stage
from pitwall.ml.families.regression import MEDIAN
from pitwall.ml.templates._template import InColumn, Template

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables

READS = ("laps", "pit_stops")


def _label(tables: Tables) -> pd.Series:
    """Return the official time in the pit lane (s) by (race_id, driver_id, stop); null where the stop was not ordinary, or none."""
    newest = tables.only(*READS).as_of()
    stops = recorded_stops(newest["pit_stops"], newest["laps"])
    key = [*CAR, "lap"]
    seconds = stops[stops["ordinary"]].drop_duplicates(key).set_index(key)["seconds"]
    entered = entries(tables["laps"])
    return entered.join(seconds.rename("label"), on=key).set_index(list(STOP))["label"]


# Models start from that rule's level: what they gain over a weaker one would be its merit and not theirs.
BEATEN = "lane_level"
TEMPLATE = Template(
    name="pit_stop",
    model="pit_stop",
    question="How long does the car stay in the pit lane?",
    title="time in the pit lane",
    unit="s",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=_label,
    answer=InColumn(MEDIAN),
    loss="mae",
    metrics=("mae", "crps", "coverage_80", "coverage_95"),
    baselines=(BEATEN, "stops_so_far", "circuit_stops"),
    baseline={Stage.IN_RACE.value: BEATEN},
)
