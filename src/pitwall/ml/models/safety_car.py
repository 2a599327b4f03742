"""Whether a safety car comes out during a race. A virtual one is none."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# The regulations provide for safety cars since 1993. Seasons 2005 to 2014 chose the line over trees.
MODEL = Model(
    name="safety_car",
    family="binary",
    rows="race",
    feature_set="safety_car",
    summary="says how likely a safety car is to come out in a Formula 1 race",
    settings=ModelParams(
        estimator="logistic",
        first_season=1993,
        stages=(Stage.PRE_RACE.value,),
        tuning=TuningParams(trials=5, startup_trials=3),
    ),
)
