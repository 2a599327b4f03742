"""How far behind the winner a car finishes, with quantiles, for cars that finish on the lead lap."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="gap_finish",
    family="regression",
    rows="race_driver",
    feature_set="order",
    summary="says how far behind the winner a Formula 1 car finishes if it finishes second or later on the lead lap",
    settings=ModelParams(
        estimator="quantile_trees",
        first_season=1994,
        stages=(Stage.PRE_RACE.value,),
        tuning=TuningParams(trials=6, startup_trials=3),
    ),
)
