"""From predictions to the rows of a forecast: the answer to every question, the baseline's, and what the family says beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pitwall.domain.keys import DRIVER
from pitwall.ml.forecasting.answers import AnswerRow
from pitwall.ml.forecasting.explanations import Why
from pitwall.ml.forecasting.record.scores import full_answers
from pitwall.ml.models import Model
from pitwall.ml.templates import Template, answered_by

DIGITS = 6
SHOWN = ("grid",)  # features that people ask for beside the answers


def answer_rows(
    definition: Model,
    columns: pd.DataFrame | Mapping[str, np.ndarray],
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    *,
    names: Sequence[Mapping[str, str | None]],
    questions: Sequence[Template] | None = None,
    calls: Sequence[Mapping[str, str]] = (),
    why: Sequence[Why] = (),
) -> tuple[AnswerRow, ...]:
    """Return the rows of a forecast, the one that matters most first.

    Args:
        definition: what the model is.
        columns: of the rows: what tells them apart within their race, and `SHOWN`.
        ours: the model's predictions table, aligned with these rows.
        theirs: the baseline's.
        names: of each row, as people know it.
        questions: that are answered; all that the model answers when None.
        calls: of each row the class that is called, if the question has a rule for that; none when empty.
        why: of each row the reasons; none when empty.
    """
    family, own = definition.answers, definition.kind.own
    asked = answered_by(definition.name) if questions is None else questions
    answers, baseline = _answers(asked, ours), _answers(asked, theirs)
    details, full = family.detail(ours), full_answers(family, ours, theirs)
    keys = {name: list(map(int, columns[name])) for name in own}
    shown = {name: list(map(_number, columns[name])) for name in SHOWN if own == (DRIVER,) and name in columns}
    rows = [
        AnswerRow(
            keys={name: values[index] for name, values in keys.items()},
            names=names[index],
            answers=answers[index],
            baseline=baseline[index],
            detail={
                **{name: values[index] for name, values in shown.items()},
                **details[index],
                **(calls[index] if calls else {}),
            },
            full=full[index],
            why=why[index].features if why else (),
            why_groups=why[index].groups if why else (),
        )
        for index in range(len(ours))
    ]
    return tuple(sorted(rows, key=lambda row: family.first(row.answers, row.detail, row.keys)))


def _answers(questions: Sequence[Template], predictions: pd.DataFrame) -> list[dict[str, float]]:
    said = {each.name: [round(float(value), DIGITS) for value in each.answer(predictions)] for each in questions}
    return [{name: values[index] for name, values in said.items()} for index in range(len(predictions))]


def _number(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124  (only what is not known differs from itself)
