"""Upper references: what our recipe would say if it knew what nobody can know beforehand.

They tell how much of a question is left once that is known. They stand below a table and are never judged, registered or promoted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from pitwall.domain.tables import load_tables
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import Plan
from pitwall.ml.backtest.scores import score
from pitwall.ml.templates import Template


@dataclass(frozen=True)
class Observation:
    """What is observed of a race.

    Attributes:
        words: what it is, for people.
        table: the canonical table that holds it.
        of: its newest rows -> a number by race_id.
    """

    words: str
    table: str
    of: Callable[[pd.DataFrame], pd.Series]


def _rain(weather: pd.DataFrame) -> pd.Series:
    """Return the share of the samples since the start in which it rained."""
    run = weather[weather["seconds"] >= 0]
    return run["rainfall"].astype("float64").groupby(run["race_id"]).mean()


OBSERVATIONS = {"rain_impact": Observation("how long it rained during the race", "weather", _rain)}


def upper_reference(plan: Plan, question: Template) -> list[str]:
    """Return a line on what ours scores with the observation of its question among its features; none without one."""
    observation = OBSERVATIONS.get(question.name)
    if observation is None:
        return []
    newest = load_tables(plan.job.project.tables, [observation.table]).as_of()[observation.table]
    frame = plan.frame.assign(observed=plan.frame["race_id"].map(observation.of(newest)))
    recipe = replace(plan.ours.recipe, features=(*plan.ours.recipe.features, "observed"))
    alone = replace(plan, frame=frame, entrants=(replace(plan.ours, recipe=recipe),))
    found = {row["metric"]: row for row in score(forecast_seasons(alone)).rows if row["season"] == "all"}
    told = [
        f"{name} {found[name]['value']:.4f} ({found[name]['low']:.4f} to {found[name]['high']:.4f})"
        for name in question.metrics
    ]
    return [
        f"- Upper reference, no forecast: `{recipe.estimator}` that also knows {observation.words} has {', '.join(told)}."
    ]
