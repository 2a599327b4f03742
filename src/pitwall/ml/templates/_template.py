"""What a model template is: a question with its label, its probability, its losses and the baselines to beat.

A template answers from a *predictions table* (see `pitwall.ml.families.predictions`): every template of the order model reads
the same position distribution, so P(win), P(podium) and P(points) of a race can never contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.families.predictions import place_columns

KEY = ["race_id", "driver_id"]


@dataclass(frozen=True)
class Template:
    """One question.

    Attributes:
        name: as in `--template`.
        model: the model that answers it; `order` for questions about the finishing order.
        question: in words, for people.
        stages: stages at which it is asked, the default one first.
        label: tables -> bool Series by (race_id, driver_id), for races that were run.
        probability: predictions table -> P(event) per row, aligned with the table.
        cars: season -> number of cars of a race for which the event comes true.
        loss: the main loss that gates compare, one value per race, lower is better.
        metrics: per-race metrics of `pitwall.ml.evaluation.metrics.race_scores`, the main loss among them.
        baselines: estimators shown beside the model.
        baseline: the one that a candidate must beat when the grid is known.
        early_baseline: the one that it must beat before, when there is no grid to count on.
    """

    name: str
    model: str
    question: str
    stages: tuple[str, ...]
    label: Callable[[Tables], pd.Series]
    probability: Callable[[pd.DataFrame], pd.Series]
    cars: Callable[[int], int]
    loss: str
    metrics: tuple[str, ...]
    baselines: tuple[str, ...]
    baseline: str
    early_baseline: str = "championship_order"

    def baseline_at(self, stage: str) -> str:
        """Return the baseline to beat at a stage."""
        return self.baseline if stage == Stage.PRE_RACE else self.early_baseline


def starters(tables: Tables) -> pd.DataFrame:
    """Return the results of starters with `place` counted again among them (1 is best), by (race_id, driver_id)."""
    results = tables.only("results").as_of()["results"]
    started = results[results["started"]].copy()
    started["place"] = started.groupby("race_id")["place"].rank(method="first").astype("int64")
    return started.sort_values(KEY).set_index(KEY)


def within(tables: Tables, cars: Callable[[int], int]) -> pd.Series:
    """Return the label "finished among the first `cars(season)`" by (race_id, driver_id)."""
    seasons = tables.only("races").as_of()["races"].set_index("race_id")["season"]
    started = starters(tables)
    limits = started.index.get_level_values("race_id").map(seasons).map(cars)
    return started["place"].le(pd.Series(limits, index=started.index)).rename("label")


def up_to(predictions: pd.DataFrame, cars: Callable[[int], int]) -> pd.Series:
    """Return P(place <= cars(season)) per row of a predictions table."""
    places = predictions[place_columns(predictions)].to_numpy()
    limits = predictions["season"].map({season: cars(season) for season in predictions["season"].unique()}).to_numpy()
    counted = (places.cumsum(axis=1) if places.shape[1] else places)[
        range(len(predictions)), (limits.clip(max=places.shape[1]) - 1)
    ]
    return pd.Series(counted, index=predictions.index).clip(0.0, 1.0)
