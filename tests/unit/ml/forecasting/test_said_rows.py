"""What is said of a row is what its question answers, whether that is chosen from a table or found among its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.forecasting.saying.rows import DIGITS, said_rows
from pitwall.ml.models import model
from pitwall.ml.templates import InColumn, templates

IN_COLUMN = sorted(name for name, each in templates().items() if isinstance(each.answer, InColumn))
DRIVERS = {"driver_id": np.array([9, 3, 5])}


def table(names: list[str], shift: float, *, judged: bool) -> pd.DataFrame:
    numbers = pd.DataFrame({name: np.array([0.123456789, 0.5, 1 / 3]) + shift * at for at, name in enumerate(names)})
    return numbers.assign(estimator="xgboost", season=2024) if judged else numbers


@pytest.mark.parametrize("judged", [False, True], ids=["fresh", "judged"])
@pytest.mark.parametrize("name", IN_COLUMN)
def test_an_answer_in_a_column_is_that_of_the_table(name, judged):
    question = templates()[name]
    ours, theirs = (table(["p", question.answer.name, "other"], shift, judged=judged) for shift in (0.1, 0.2))
    both = (question, replace(question, name="chosen", answer=lambda rows: rows[question.answer.name]))
    rows = said_rows(model("dnf"), DRIVERS, ours, theirs, both)
    assert len(rows) == len(ours)
    for row in rows:
        assert row.answers[name] == row.answers["chosen"] == round(float(ours[question.answer.name][row.at]), DIGITS)
        assert row.baseline[name] == row.baseline["chosen"] != row.answers[name]


def test_most_questions_are_such():
    assert len(IN_COLUMN) >= 12 and {"dnf", "lap_time", "safety_car"} <= set(IN_COLUMN)
