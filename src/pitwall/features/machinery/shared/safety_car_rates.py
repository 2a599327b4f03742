"""How often a safety car comes out: after each race of which it is known, the rate of all races, and what its circuit does to it.

`circuit_events` counts the last races at a circuit; here is a long memory that is drawn to the rate of all races, because a
circuit has one race a year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section
from pitwall.domain.racing.safety_cars import READS, out_so_far
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.shared.attrition import faded_sums
from pitwall.features.machinery.shared.states import cumulative_known, starters

__all__ = ["READS", "RateSettings", "safety_car_races"]


class RateSettings(Section):
    """The rate of all races: `race_decay` per race; at the start `race_weight` races are assumed seen, `race_prior` with one.

    A circuit: `circuit_decay` per race there; `circuit_weight` races at the rate of all are assumed seen.
    """

    race_decay: float = 0.98
    race_weight: float = 10.0
    race_prior: float = 0.3
    circuit_decay: float = 0.93
    circuit_weight: float = 12.0


def safety_car_races(tables: Tables, settings: RateSettings) -> pd.DataFrame:
    """Return one row per race of which it is known, in time order: race_id, circuit_id, stamps, `rate`, `ratio`.

    `rate` is that of all races after it; `ratio` is what its circuit had over what all races of the time would have had, drawn to
    1. `known_at` never falls, because a rate is made of all races so far.
    """
    out = out_so_far(tables.only(*READS)).dropna()
    races = starters(tables).drop_duplicates("race_id")[["race_id", *STAMPS]]
    races = races[races["race_id"].isin(out.index)].merge(tables["races"][["race_id", "circuit_id"]], on="race_id")
    races = races.sort_values(["event_timestamp", "race_id"], ignore_index=True)
    races["known_at"] = cumulative_known(races.assign(all=0), ["all"])
    had = races["race_id"].map(out).to_numpy(dtype=np.float64)
    start = settings.race_weight * np.array([settings.race_prior, 1.0])
    everywhere = np.zeros(len(races), dtype=np.int64)
    sums = faded_sums(everywhere, np.column_stack([had, np.ones(len(races))]), settings.race_decay, start)
    rate = sums[:, 0] / sums[:, 1]
    before = np.append(settings.race_prior, rate)[: len(races)]
    there = faded_sums(races["circuit_id"].to_numpy(np.int64), np.column_stack([had, before]), settings.circuit_decay)
    assumed = settings.circuit_weight * rate
    return races.assign(rate=rate, ratio=(there[:, 0] + assumed) / (there[:, 1] + assumed))
