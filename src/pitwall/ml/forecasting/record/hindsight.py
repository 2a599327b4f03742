"""A replay may use nothing that became known after its `now`: neither in the features of the race, nor in what the model learned from."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.tables import Tables
from pitwall.ml.data.calendar import run_races
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.names import settings_of
from pitwall.ml.training.training_job import TrainingJob

AS_OF_THEN = "replayed: its date is the instant that was replayed, not the one at which it was made"
DO = "replay it in a project whose source holds what was public then, trained as of then (docs/replay.md)"


def refuse_hindsight(tables: Tables, cutoff: pd.Timestamp, model: FittedModel, job: TrainingJob, now: datetime) -> None:
    """Raise ForecastError where an answer would know more than anybody did.

    Args:
        tables: all that the project holds; features of a race see what was known at its cut-off, which may be later than `now`.
        cutoff: of the forecast.
        model: that answers.
        job: what it is.
        now: the instant of the replay.
    """
    for name, rows in tables.items():
        later = rows.loc[(rows["known_at"] > now) & (rows["known_at"] <= cutoff), "known_at"]
        if len(later):
            raise ForecastError(
                f"as of {now:%Y-%m-%dT%H:%M}Z nobody knew {len(later)} rows of {name} that a forecast at {cutoff:%Y-%m-%dT%H:%M}Z would see, "
                f"the first known since {later.min():%Y-%m-%dT%H:%M}Z; {DO}."
            )
    learned = model.recipe.facts.get("races", 0)
    first = settings_of(job.model, job.params).first_season
    there = sum(race.season >= first for race in run_races(tables.known(now)))
    if int(learned) > there:
        raise ForecastError(
            f"{job.name} learned from {learned} races, and as of {now:%Y-%m-%dT%H:%M}Z only {there} had results; {DO}."
        )
