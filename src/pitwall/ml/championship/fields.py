"""Who is expected to drive the races to come, and how well: the pre-weekend champion's answer for the next race.

Later races have no entry list and no session yet, so the answer for the next one stands for all of them. Of a race that was run it is the
out-of-sample prediction that the model was judged by, else the champion's answer to what was known before that weekend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.ports import Registry
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.tables import Tables
from pitwall.ml.championship.competition import Field
from pitwall.ml.data.calendar import find_race
from pitwall.ml.families.order.answer import position_matrix
from pitwall.ml.families.predictions import load_predictions
from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.forecasting.entrants import lineup
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.training.training_job import TrainingJob

PART = 0.75  # of the cars of the race before; who starts fewer is no field for the races to come
FEWER = "{} cars started the next race: the {} of the race before stand in for the field"
LEARNED = "the model has learned from this season since, so its past rounds are no forecasts to score"


@dataclass(frozen=True)
class Fields:
    """The fields expected before races that were run, by race id.

    Attributes:
        fields: one per race.
        learned: whether the model had learned from some of these races.
    """

    fields: Mapping[int, Field]
    learned: bool


def is_part(field: Field, before: int) -> bool:
    """Return whether a field is a part of the one before it.

    Entries are who started, so a boycott (six cars in 2005, fourteen in 1982) would be known before it happened, and who took part in it
    would be out of the races that follow.

    Args:
        field: of a race.
        before: cars of the race before it; 0 where there is none.
    """
    return len(field.drivers) < PART * before


def coming_field(made: Forecast, tables: Tables) -> Field:
    """Return the field of a forecast of a race.

    Args:
        made: the forecast before its weekend.
        tables: that it was made from.
    """
    cars = lineup(tables, find_race(tables, made.race, made.stage)).cars.set_index("driver_id")["constructor_id"]
    drivers = tuple(row.keys["driver_id"] for row in made.rows)
    places = np.array([row.detail["places"][: len(drivers)] for row in made.rows], dtype=np.float64)
    return Field(drivers, tuple(int(cars[who]) for who in drivers), places)


def past_fields(job: TrainingJob, registry: Registry, races: list[int]) -> Fields:
    """Return the fields that were expected before races that were run.

    Args:
        job: of the model that answers before a weekend.
        registry: that knows its champion.
        races: their ids.

    Raises:
        ForecastError: the model has no champion, or the frame lacks a race.
    """
    champion = registry.alias(job.name, CHAMPION)
    if champion is None:
        raise ForecastError(f"{job.name} has no champion; train and promote one: `pitwall promote {job.name}`.")
    folder = registry.fetch(job.name, champion.version)
    judged = _by_race(load_predictions(folder), races)
    missing = sorted(set(races) - set(judged))
    if missing:
        frame = pd.read_parquet(job.made_frame, filters=[("race_id", "in", missing)])
        frame = frame.sort_values(["race_id", "driver_id"], ignore_index=True)
        answer = FittedModel.load(folder).answer(frame) if len(frame) else frame
        judged |= _by_race(pd.concat([frame[["race_id", "driver_id", "constructor_id"]], answer], axis=1), missing)
    if unknown := sorted(set(races) - set(judged)):
        raise ForecastError(
            f"the frame of {job.name} lacks {len(unknown)} races of the season; make it: `dvc repro frames`."
        )
    return Fields(judged, bool(missing))


def _by_race(cars: pd.DataFrame, races: list[int]) -> dict[int, Field]:
    found = {}
    for race, own in cars[cars["race_id"].isin(races)].groupby("race_id"):
        places = np.nan_to_num(position_matrix(own)[:, : len(own)])
        drivers, teams = (tuple(map(int, own[key])) for key in ("driver_id", "constructor_id"))
        found[int(race)] = Field(drivers, teams, places)
    return found
