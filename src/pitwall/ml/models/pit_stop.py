"""The time in the pit lane of a stop, with quantiles, at the instant at which the car enters it."""

from __future__ import annotations

from pitwall.domain.params import ModelParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="pit_stop",
    family="regression",
    rows="stop",
    feature_set="pit_stop",
    summary="says how long a pit stop of a Formula 1 car takes, from the entry of the pit lane to its exit",
    limits=(
        "It speaks of ordinary stops: about one in ten takes seconds longer than the others of its race, and it does not say which.",
        *Model.limits,
    ),
    # a few hundred stops a season: trees learn single races by heart
    settings=ModelParams(estimator="linear", first_season=2018, stages=(Stage.IN_RACE.value,)),
)
