"""Whether a car retires: stops for good before it is classified. Lapped cars and disqualified ones do not."""

from __future__ import annotations

from pitwall.domain.params import ModelParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

# Seasons 2005 to 2014 chose the line over trees, and 1990 over 1980 and 1998 as the first season to learn from.
MODEL = Model(
    name="dnf",
    family="binary",
    rows="race_driver",
    feature_set="dnf",
    summary="says how likely each car of a Formula 1 race is to retire",
    settings=ModelParams(
        estimator="logistic", first_season=1990, stages=(Stage.PRE_RACE.value, Stage.PRE_WEEKEND.value)
    ),
)
