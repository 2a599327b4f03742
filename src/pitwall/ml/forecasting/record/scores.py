"""Score one stored forecast beside its baseline, from its file alone: by the metrics of the family that gave the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.keys import BLOCK
from pitwall.domain.tables import Tables
from pitwall.ml.data.calendar import Race
from pitwall.ml.evaluation.scoring import family_of, template_scores
from pitwall.ml.families import Family
from pitwall.ml.templates import Template, template

DIGITS = 6  # of a score and of an answer
SAID = "said"
Scores = dict[str, dict[str, dict[str, float]]]  # template -> ours and baseline -> metric -> value


def full_answers(family: Family, ours: pd.DataFrame, theirs: pd.DataFrame) -> list[dict[str, dict[str, float]]]:
    """Return per row what scores read of an answer and of its baseline; nothing of events, whose answer is all there is to it."""
    if family.label_type == "bool":
        return [{} for _ in range(len(ours))]
    return [
        {"ours": dict(own), "baseline": dict(other)}
        for own, other in zip(_columns(family, ours), _columns(family, theirs), strict=True)
    ]


def needed(content: Mapping[str, Any]) -> set[str]:
    """Return the tables that the scores of a stored forecast are made of."""
    asked = [template(name) for name in _templates(content)]
    return {name for each in asked for name in each.tables}


def scores_of(content: Mapping[str, Any], race: Race, tables: Tables) -> Scores:
    """Return the scores of a stored forecast and of its baseline, of the questions whose results are known.

    Args:
        content: of the stored forecast.
        race: that it is about.
        tables: those of `needed`.
    """
    rows = content["rows"]
    found: Scores = {}
    for question in map(template, _templates(content)):
        sides = {"ours": [row["answers"] for row in rows], "baseline": [row["baseline"] for row in rows]}
        said = {side: [answers[question.name] for answers in each] for side, each in sides.items()}
        full = {side: [row.get("full", {}).get(side, {}) for row in rows] for side in sides}
        if family_of(question).label_type != "bool" and not all(full["ours"]):
            continue  # stored by an earlier version: it lacks what the metrics read
        keys = [row["keys"] for row in rows]
        scored = {side: score(question, race, keys, said[side], tables, full[side]) for side in sides}
        if all(scored.values()):
            found[question.name] = {side: values for side, values in scored.items() if values}
    return found


def score(  # noqa: PLR0917  (a question, whom it is about and what was said)
    question: Template,
    race: Race,
    keys: Sequence[Mapping[str, int]],
    said: Sequence[float],
    tables: Tables,
    full: Sequence[Mapping[str, float]] = (),
) -> dict[str, float] | None:
    """Return {metric: value} of answers about one race; None where nothing is known to score them by.

    Args:
        question: that was asked.
        race: that it was asked of.
        keys: per row what tells it apart within its race.
        said: the answer per row.
        tables: of the question's label.
        full: per row the family's columns, of families whose metrics read more than the answer.
    """
    rows = pd.DataFrame([{**key, **more} for key, more in zip(keys, full or [{}] * len(keys), strict=True)])
    rows = rows.assign(**{BLOCK: race.race_id, "season": race.season, "round": race.round, SAID: list(said)})
    asked = replace(question, answer=lambda predictions: predictions[SAID])
    try:
        values = template_scores(asked, rows, tables)
    except StageError:
        return None
    found = values.drop(columns="season").iloc[0].dropna()
    return {str(name): round(float(value), DIGITS) for name, value in found.items()}


def _templates(content: Mapping[str, Any]) -> list[str]:
    return sorted({name for row in content["rows"] for name in row["answers"]})


def _columns(family: Family, predictions: pd.DataFrame) -> list[dict[str, float]]:
    said = predictions[family.columns(predictions.columns)].round(DIGITS)
    return [{str(name): float(value) for name, value in row.items()} for row in said.to_dict("records")]
