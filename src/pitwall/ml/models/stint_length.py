"""For how many more laps a set of tyres stays on, as a curve of survival, at the end of the first lap on it."""

from __future__ import annotations

from pitwall.domain.params import ModelParams, TuningParams
from pitwall.domain.when import Stage
from pitwall.ml.models._model import Model

MODEL = Model(
    name="stint_length",
    family="survival",
    rows="stint",
    feature_set="stint",
    summary="says for how many more laps a Formula 1 car stays on the set of tyres that it has put on",
    limits=(
        "It speaks of the car's next stop, not of the rubber: most sets come off by plan, and many are called in by a safety car.",
        "Beyond the flag nothing was ever seen: there the curve is what it would be if the race went on.",
        "That the end of a set is not seen must say nothing of how long it would have lasted; of cars that retire that is an assumption.",
        *Model.limits,
    ),
    settings=ModelParams(
        estimator="xgboost",
        first_season=2018,
        stages=(Stage.IN_RACE.value,),
        tuning=TuningParams(trials=3, startup_trials=1),
        gates={"size_mb": 20.0},
    ),
)
