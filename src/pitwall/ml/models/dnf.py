"""Whether a car retires: stops for good before it is classified. Lapped cars and disqualified ones do not."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# Seasons 2005 to 2014 chose the line over trees; whether it learns from 1980, 1990 or 1998 on made no difference there.
# A ridge is all that a search finds, so few trials do.
MODEL = Model(
    name="dnf",
    family="binary",
    rows="race_driver",
    feature_set="dnf",
    summary="says how likely each car of a Formula 1 race is to retire",
    settings=ModelParams(
        estimator="logistic",
        first_season=1990,
        stages=(Stage.PRE_RACE.value, Stage.PRE_WEEKEND.value),
        tuning=TuningParams(trials=5, startup_trials=3),
    ),
)
