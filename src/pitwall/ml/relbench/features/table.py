"""All that a model reads of a tick, as one table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from pitwall.features.machinery.shared.filter import FilterSettings
from pitwall.ml.relbench.data.history import Known
from pitwall.ml.relbench.features import observations as see
from pitwall.ml.relbench.features.field import field
from pitwall.ml.relbench.features.form import form, last_team
from pitwall.ml.relbench.features.rating import Rating, Showing, rated
from pitwall.ml.relbench.features.tick import Named, Tick

NOISE = 0.7
# three showings a session, so a third of the usual drift each
SLOW = FilterSettings(driver_drift=0.03 / 3**0.5, team_drift=0.08 / 3**0.5)
RANKED = (
    "race_order_60", "race_order_365", "race_order_1500", "race_points_60", "race_points_365", "race_lapped_365",
    "race_unfinished_60", "race_unfinished_365", "qualifying_place_60", "qualifying_place_365", "qualifying_gap_60",
    "team_order_60", "team_place_60", "team_points_60", "team_unfinished_365", "order_1_ago", "place_1_ago", "starts",
    "finish_total", "classified_total", "pace_total", "grid_total", "gap_total", "joint_total",
)  # fmt: skip


class Features:
    """What a tick looks like, made of what may be read at an instant; keeps the states of its ratings."""

    def __init__(self, window: pd.Timedelta) -> None:
        self._window = window
        self._ratings = {
            "finish": Rating("results", [Showing(see.finish, NOISE)]),
            "classified": Rating("results", [Showing(see.classified, 0.9)]),
            "pace": Rating("results", [Showing(see.pace, NOISE)]),
            "grid": Rating("qualifying", [Showing(see.grid, NOISE)]),
            "gap": Rating("qualifying", [Showing(see.gap, NOISE)]),
            "joint": Rating(
                "results",
                [Showing(see.gap_of_race, NOISE), Showing(see.pace, NOISE), Showing(see.classified, 1.2)],
                SLOW,
            ),
        }

    def of(self, known: Known, tick: Tick) -> pd.DataFrame:
        """Return a row per driver of the tick, in its order, nan where nothing is known.

        Args:
            known: what may be read.
            tick: who is asked about, and when.
        """
        found = form(known, tick)
        teams = last_team(known, tick)
        for name, rating in self._ratings.items():
            found |= rated(name, rating.of(known, tick, teams))
        found |= _ranks(found)
        return pd.DataFrame(found | field(known, tick, self._window))


def _ranks(found: Named) -> Named:
    """Return ranks from 1 among the drivers of the tick, ties shared, those without a value behind all others."""
    values = np.column_stack([found[name] for name in RANKED])
    ranks = rankdata(np.where(np.isnan(values), np.inf, values), axis=0)
    return {f"{name}_rank": ranks[:, column] for column, name in enumerate(RANKED)}
