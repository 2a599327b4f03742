"""A candidate that consists of forecasts and nothing else: what a study of the gates hands to them."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.ml.gates import Candidate
from pitwall.ml.gates._gate import Standing

NAME = "planted"


def forecasts_only(
    tables: Tables, spine: pd.DataFrame, predictions: pd.DataFrame, params: Params, champion: Standing | None = None
) -> Candidate:
    """Return a candidate for `order-pre_race` whose own predictions are those of the model `planted`."""
    return Candidate(
        name="order-pre_race",
        model="order",
        stage="pre_race",
        content=NAME,
        params=params,
        tables=tables,
        spine=spine,
        frame=spine,
        groups=(),
        predictions=predictions,
        estimator=NAME,
        answer=lambda frame: predictions.loc[frame.index],
        champion=champion,
    )
