"""What a circuit does to first stops: how much more often cars make them early, or late, there than elsewhere at the time.

Rates of early and late stops move with rules and tyres, so a race counts by what it had beyond the rates of the races before it, at any circuit.
A stop is an early one whatever brought it about: that safety cars come out early at a circuit, or that its tyres wear fast, is the point.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.first_stops import LATE, MID, READS, first_stops
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.attrition import faded_sums
from pitwall.features.machinery.shared.states import cumulative_known, starters

KEY = "circuit_id"
NAMES = ["circuit_early_stops", "circuit_late_stops"]


class Settings(Section):
    """How the rates of all races fade with each race, and with how many races like all others a circuit starts; settled on 2020 to 2022."""

    fade: float = 0.95
    weight: float = 2.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race there of which first stops are known."""
    rows = _races(tables)
    rates, ones = rows[NAMES].to_numpy(dtype=np.float64), np.ones((len(rows), 1))
    sums = faded_sums(np.zeros(len(rows), dtype=np.int64), np.hstack([rates, ones]), settings.fade)
    usual = np.vstack([rates[:1], sums[:-1, :-1] / sums[:-1, -1:]])  # the first of all is as usual
    here = faded_sums(rows[KEY].to_numpy(np.int64), np.hstack([rates - usual, ones]), 1.0)
    rows[NAMES] = here[:, :-1] / (here[:, -1:] + settings.weight)
    return rows[GROUP.columns]


def _races(tables: Tables) -> pd.DataFrame:
    """Return the share of early and of late first stops of each race, in time order, known when all races so far are."""
    share = first_stops(tables).set_index("race_id")["share"]
    told = pd.DataFrame({NAMES[0]: share < MID, NAMES[1]: share > LATE}).groupby("race_id").mean()
    results = starters(tables).groupby("race_id", as_index=False)[STAMPS].max()
    rows = results.merge(told, on="race_id").merge(tables["races"][["race_id", KEY]], on="race_id")
    stops = rows["race_id"].map(tables["pit_stops"].groupby("race_id")["known_at"].max())
    rows["known_at"] = rows["known_at"].where(~(stops > rows["known_at"]), stops).astype(UTC_US)
    rows = rows.sort_values(["event_timestamp", "race_id"], ignore_index=True)
    return rows.assign(known_at=cumulative_known(rows.assign(all=0), ["all"]))


def _feature(name: str, when: str) -> Feature:
    meaning = f"share of cars that made their first stop {when} in the races there so far, beyond that of all races of the time, drawn to 0"
    return Feature(name, "share", meaning, "no race with recorded stops was held at the circuit yet (none before 2011)")


GROUP = FeatureGroup(
    name="circuit_first_stops",
    entities=("circuit",),
    reads=("races", *READS),
    features=(
        _feature(NAMES[0], f"before {MID:.0%} of the distance"),
        _feature(NAMES[1], f"after {LATE:.0%} of the distance"),
    ),
    compute=compute,
    Settings=Settings,
    sets=("pit_window",),
)
