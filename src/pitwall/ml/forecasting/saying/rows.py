"""From predictions to the rows of a forecast: the answer to every question, the baseline's, and what the family says beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pitwall.domain.keys import DRIVER
from pitwall.ml.forecasting.answers import AnswerRow
from pitwall.ml.forecasting.explanations import Why
from pitwall.ml.forecasting.record.scores import full_answers
from pitwall.ml.models import Model
from pitwall.ml.templates import InColumn, Template, answered_by

DIGITS = 6
SHOWN = ("grid",)  # features that people ask for beside the answers


class Said(NamedTuple):
    """What is said of the row `at` of the predictions."""

    at: int
    keys: Mapping[str, int]
    answers: Mapping[str, float]
    baseline: Mapping[str, float]
    detail: Mapping[str, Any]


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
    asked = answered_by(definition.name) if questions is None else questions
    full = full_answers(definition.answers, ours, theirs)
    return tuple(
        AnswerRow(
            keys=each.keys,
            names=names[each.at],
            answers=each.answers,
            baseline=each.baseline,
            detail=each.detail,
            full=full[each.at],
            why=why[each.at].features if why else (),
            why_groups=why[each.at].groups if why else (),
        )
        for each in said_rows(definition, columns, ours, theirs, asked, calls)
    )


def said_rows(  # noqa: PLR0917  (those of `answer_rows`)
    definition: Model,
    columns: pd.DataFrame | Mapping[str, np.ndarray],
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    questions: Sequence[Template],
    calls: Sequence[Mapping[str, str]] = (),
) -> list[Said]:
    """Return what is said of each row, the one that matters most first; the arguments are those of `answer_rows`."""
    family, own = definition.answers, definition.kind.own
    keys = _by_row({name: list(map(int, columns[name].tolist())) for name in own}, len(ours))
    there = [name for name in SHOWN if own == (DRIVER,) and name in columns]
    shown = _by_row({name: list(map(_number, columns[name].tolist())) for name in there}, len(ours))
    details = family.detail(ours)
    if there:
        details = [{**beside, **each} for beside, each in zip(shown, details, strict=True)]
    if calls:
        details = [{**each, **call} for each, call in zip(details, calls, strict=True)]
    answers, baseline = _answers(questions, ours), _answers(questions, theirs)
    rows = list(map(Said, range(len(ours)), keys, answers, baseline, details))
    return sorted(rows, key=lambda row: family.first(row.answers, row.detail, row.keys))


def _answers(questions: Sequence[Template], predictions: pd.DataFrame) -> list[dict[str, float]]:
    said = {
        each.name: [round(value, DIGITS) for value in map(float, _told(each, predictions).tolist())]
        for each in questions
    }
    return _by_row(said, len(predictions))


def _told(question: Template, predictions: pd.DataFrame) -> pd.Series | np.ndarray:
    """Return the answer per row; to choose a column from a table takes as long as a quick model, to look it up among the numbers does not."""
    if isinstance(question.answer, InColumn):
        return predictions.to_numpy()[:, predictions.columns.tolist().index(question.answer.name)]
    return question.answer(predictions)


def _by_row(columns: Mapping[str, Sequence[Any]], count: int) -> list[dict[str, Any]]:
    """Return columns as one mapping per row."""
    if len(columns) == 1:
        ((name, values),) = columns.items()
        return [{name: value} for value in values]
    names = tuple(columns)
    return (
        [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)] if names else [{}] * count
    )


def _number(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124  (only what is not known differs from itself)
