"""Who sets the fastest lap? P(fastest) is the first place of an order: that of the cars' best laps in the race."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.data.starters import starters
from pitwall.ml.templates._order import Ordering, top


def _order(tables: Tables) -> pd.DataFrame:
    """Return `place` by the best lap of the race, and as `retired` who set none: they stand behind all others, as they finished.

    Of races whose fastest laps were recorded. Two cars that share a best lap are told apart by its recorded rank.
    """
    cars = starters(tables)
    cars = cars[cars["fastest_lap"].notna().groupby(level="race_id").transform("any")]
    ordered = cars.sort_values(["fastest_lap", "fastest_rank", "place"], kind="stable", na_position="last")
    place = ordered.groupby(level="race_id").cumcount() + 1
    placed = pd.DataFrame({"place": place, "retired": ordered["fastest_lap"].isna()})
    return placed.reindex(cars.index.sort_values()).rename_axis(list(RACE_DRIVER))


def _cars(_season: int) -> int:
    return 1


# Of the rules, the ratings of past races lost least on 2008 to 2014; the slot on the grid, which is known by then, says less.
TEMPLATE = top(
    _cars,
    name="fastest_lap",
    question="Who sets the fastest lap?",
    title="P(fastest lap)",
    loss="log_loss",
    metrics=("log_loss", "hit_rate", "top3_hit", "brier"),
    of=Ordering(
        model="fastest_lap",
        order=_order,
        tables=("races", "results"),
        baseline={Stage.PRE_RACE: "rating"},
        baselines=("rating", "grid_frequency", "pace_order", "championship_order"),
    ),
)
