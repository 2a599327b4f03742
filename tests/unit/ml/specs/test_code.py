"""A function of a notebook is kept as text with what it reads, or refused by the name of what cannot be kept."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import UsageError
from pitwall.ml.specs.code import load_function, source_of

WEIGHTS = [0.5, 0.25]
TABLE = pd.DataFrame({"x": [1]})


def keep(function):
    return function


@keep
def weighted(history):
    """A weight and a module from around it."""
    return math.floor(float(np.sum(history)) * WEIGHTS[0] + len(pd.Series(history)))


def reads_a_table(history):
    return len(TABLE) + len(history)


def reads_nothing_that_is_there(history):
    return nowhere + len(history)  # noqa: F821


def test_the_text_alone_gives_the_same_function():
    source = source_of(weighted)
    assert "@keep" not in source
    assert "WEIGHTS = [0.5, 0.25]" in source
    assert load_function(source)([1.0, 2.0, 5.0]) == weighted([1.0, 2.0, 5.0]) == 7


def test_a_value_of_the_cell_around_it_is_kept_as_it_was():
    limit = 3

    def few(history):
        return len(history) <= limit

    kept = load_function(source_of(few))
    limit = 0
    assert kept([1, 2])
    assert not few([1, 2])


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (reads_a_table, "reads TABLE .DataFrame. from outside"),
        (reads_nothing_that_is_there, "reads nowhere, which is not defined"),
        (lambda history: 1.0, "a lambda or a part of an expression"),
        (len, "written with `def`"),
    ],
)
def test_what_cannot_be_kept_is_refused(function, reason):
    with pytest.raises(UsageError, match=reason):
        source_of(function)
