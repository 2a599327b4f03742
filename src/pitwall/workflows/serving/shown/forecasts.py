"""An answer of the server as a forecast, so that pages show it as stored forecasts are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.ml.forecasting.answers import AnswerRow, Forecast
from pitwall.ml.forecasting.explanations import GroupReason, Reason

ORIGIN = ("content", "vintage", "run")


def forecast_of(answer: Mapping[str, Any]) -> Forecast:
    """Return the forecast that an answer is.

    Args:
        answer: as the API gives it, with reasons or without.
    """
    name = answer["template"]
    return Forecast(
        **{each: answer[each] for each in ("race", "race_name", "stage", "cutoff", "model", "version", "role")},
        estimator=answer["estimator"],
        baseline=answer["baseline"],
        labels=tuple(answer["labels"]),
        rows=tuple(_row(row, name) for row in answer["rows"]),
        provenance={each: answer[each] for each in ORIGIN if answer[each]},
    )


def _row(row: Mapping[str, Any], name: str) -> AnswerRow:
    return AnswerRow(
        keys=row["keys"],
        names=row["names"],
        answers={name: row["answer"]},
        baseline={name: row["baseline"]},
        detail=row["detail"],
        why=tuple(Reason(**each) for each in row.get("why") or ()),
        why_groups=tuple(GroupReason(**each) for each in row.get("why_groups") or ()),
    )
