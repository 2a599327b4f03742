"""One question on a tiny world, small enough to be searched in a second."""

from functools import cache

import pytest

from pitwall.ml.automl.problem import Problem
from pitwall.ml.estimators import estimator
from pitwall.ml.models import model
from pitwall.ml.templates import template
from pitwall.ml.training.splits import outcomes
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import tiny_tables


@cache
def asked(question: str) -> Problem:
    tables = tiny_tables(seasons=5, races=8, cars=8)
    frame = order_frame(tables)
    which = template(question)
    family = model(which.model).family
    needed = {name for rule in which.baselines for name in estimator(family, rule).needs or ()}
    frame = frame.assign(**{name: -frame["team_race_rating"] / 50 for name in needed if name not in frame})
    seasons = tuple(sorted(set(map(int, frame["season"])))[-3:])
    return Problem(model(which.model), which, tables, "pre_race", frame, outcomes(which.model, tables, frame), seasons)


@pytest.fixture
def problem():
    """Return the function: a question -> its search."""
    return asked
