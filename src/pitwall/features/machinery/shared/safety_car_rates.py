"""How often a safety car comes out: after each race of which it is known, the rate of all races, and what was expected before."""

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
    """The rate of all races: `race_decay` per race; at the start `race_weight` races are assumed seen, `race_prior` with one."""

    race_decay: float = 0.98
    race_weight: float = 10.0
    race_prior: float = 0.3


def safety_car_races(tables: Tables, settings: RateSettings) -> pd.DataFrame:
    """Return one row per race of which it is known, in time order: race_id, circuit_id, stamps, `out` (1 or 0), the rate `before` and `after`.

    `known_at` never falls, because a rate is made of all races so far.
    """
    out = out_so_far(tables.only(*READS)).dropna()
    races = starters(tables).drop_duplicates("race_id")[["race_id", *STAMPS]]
    races = races[races["race_id"].isin(out.index)].merge(tables["races"][["race_id", "circuit_id"]], on="race_id")
    races = races.sort_values(["event_timestamp", "race_id"], ignore_index=True)
    races["out"] = races["race_id"].map(out).astype("float64")
    races["known_at"] = cumulative_known(races.assign(all=0), ["all"])
    start = settings.race_weight * np.array([settings.race_prior, 1.0])
    values = np.column_stack([races["out"], np.ones(len(races))])
    sums = faded_sums(np.zeros(len(races), dtype=np.int64), values, settings.race_decay, start)
    after = sums[:, 0] / sums[:, 1]
    return races.assign(before=np.append(settings.race_prior, after)[: len(races)], after=after)
