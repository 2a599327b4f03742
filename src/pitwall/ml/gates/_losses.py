"""Compare two models on the races that both predicted: what the baseline gate and the champion gate share."""

from __future__ import annotations

import pandas as pd

from pitwall.ml import judging
from pitwall.ml.bootstrap import Interval
from pitwall.ml.gates._gate import Candidate
from pitwall.ml.templates import Template

UNITS = {"log_loss": "nats"}
CAR = ["race_id", "season", "round", "driver_id", "constructor_id"]


def same_races(ours: pd.DataFrame, theirs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of races that both models predicted with the same cars.

    Another data source may use the same race numbers for other races; those are not common.
    """
    fields = [_fields(rows) for rows in (ours, theirs)]
    common = [race for race, field in fields[0].items() if fields[1].get(race) == field]
    first, second = (rows[rows["race_id"].isin(common)].reset_index(drop=True) for rows in (ours, theirs))
    return first, second


def _fields(rows: pd.DataFrame) -> dict[int, list[tuple[int, ...]]]:
    fields: dict[int, list[tuple[int, ...]]] = {}
    for car in rows[CAR].sort_values(CAR).itertuples(index=False, name=None):
        fields.setdefault(int(car[0]), []).append(car)
    return fields


def gain(candidate: Candidate, template: Template, other: pd.DataFrame) -> Interval:
    """Return how much less the candidate loses than the other model, per common race, with its paired interval."""
    ours, theirs = same_races(candidate.own, other)
    params = candidate.params
    return judging.gain(template, ours, theirs, candidate.tables, params.gates, params.seed)


def unit(template: Template) -> str:
    """Return the unit of the template's main loss."""
    return UNITS.get(template.loss, template.loss)


def too_few(interval: Interval, minimum: int) -> str:
    """Return what to say when an interval stands on too few races, else nothing."""
    if interval.n >= minimum:
        return ""
    return f"only {interval.n} races to judge on, gates.min_races asks for {minimum}; "
