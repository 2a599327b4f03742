"""Who takes pole? P(pole) is the first place of the qualifying model's distribution, which orders all of qualifying."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.data.starters import starters
from pitwall.ml.templates._order import Ordering, top

PARTS = ["q1", "q2", "q3"]


def _order(tables: Tables) -> pd.DataFrame:
    """Return `place` in qualifying, before penalties, and as `retired` who set no time.

    The places of those who started the race are counted again among them: a car is entered if it starts, so who did not was
    never asked about. Races that were not run have none, as for all questions about cars.
    """
    started = starters(tables)
    lines = tables.only("qualifying").as_of()["qualifying"].set_index(list(RACE_DRIVER)).sort_index()
    lines = lines[lines.index.isin(started.index)]
    place = lines["place"].groupby(level="race_id").rank(method="first").astype("int64")
    return pd.DataFrame({"place": place, "retired": lines[PARTS].isna().all(axis=1)})


def _cars(_season: int) -> int:
    return 1


# Of the rules, where a driver usually starts lost least on 2008 to 2014, also once practice is known.
TEMPLATE = top(
    _cars,
    name="qualifying",
    question="Who takes pole?",
    title="P(pole)",
    loss="log_loss",
    metrics=("log_loss", "pole_hit", "brier"),
    of=Ordering(
        model="qualifying",
        order=_order,
        tables=("races", "results", "qualifying"),
        baseline={Stage.PRE_QUALIFYING: "usual_grid", Stage.PRE_WEEKEND: "usual_grid"},
        baselines=("usual_grid", "practice_order", "championship_order", "rating"),
    ),
)
