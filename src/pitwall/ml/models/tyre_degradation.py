"""How fast each compound of a race wears, as a curve over the age of the tyre."""

from __future__ import annotations

from pitwall.domain.params import ModelParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="tyre_degradation",
    family="curve",
    rows="race_compound",
    feature_set="tyre_degradation",
    summary="says how many seconds a lap the tyres of a Formula 1 race lose as they age",
    settings=ModelParams(estimator="ridge", first_season=2018, stages=(Stage.PRE_RACE.value,)),
    limits=(
        "The curve is a straight line: no cliff, no warm-up, and nothing beyond the ages that cars drive.",
        "Fuel is taken out by a rule and what the track gains is not, so that the numbers compare tyres, not physics.",
        "Which rubber the maker brings, and the temperature of the track, are not known to it.",
        "Publication times before the live feed are assumed by rule.",
        "Rows of one race share its luck: its forecasts err together.",
    ),
)
