"""A person's forecasts beside all others of the same races: everyone is scored on the same cars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from pitwall.domain.tables import Tables
from pitwall.ml.data.calendar import Race
from pitwall.ml.data.starters import starters
from pitwall.ml.forecasting.record.scores import score
from pitwall.ml.templates import Template

Chances = Mapping[int, float]  # driver_id -> probability


@dataclass(frozen=True)
class Round:
    """One question about one race: the main loss of each side that said something.

    Attributes:
        scores: {side: loss}; lower is better.
        absent: {side: why it is not there}.
    """

    race: str
    question: str
    metric: str
    scores: Mapping[str, float]
    absent: Mapping[str, str]


def fight(
    question: Template, race: Race, tables: Tables, sides: Mapping[str, Chances], absent: Mapping[str, str]
) -> Round | None:
    """Score all sides on the same cars; None while nothing is known to score them by.

    Where an event comes true for a known number of cars, the cars are those that started, and a side that does not name one of them gave it
    no chance. Else they are the starters that all sides name.

    Args:
        question: that was asked.
        race: that was run.
        tables: of the question's label, and `results`.
        sides: what each said.
        absent: of those who said nothing, why.
    """
    started = starters(tables)
    cars = [int(driver) for number, driver in started.index if number == race.race_id]
    if question.cars is None:
        cars = [driver for driver in cars if all(driver in said for said in sides.values())]
    keys = [{"driver_id": driver} for driver in cars]
    found = {
        name: score(question, race, keys, [said.get(driver, 0.0) for driver in cars], tables) if cars else None
        for name, said in sides.items()
    }
    known = {name: values[question.loss] for name, values in found.items() if values}
    return Round(race.label, question.name, question.loss, known, dict(absent)) if known else None


def means(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Return per question and side the mean over the races on which that side and the first one both stand."""
    found: list[dict[str, Any]] = []
    for question in dict.fromkeys(each.question for each in rounds):
        own = [each for each in rounds if each.question == question]
        for side in dict.fromkeys(name for each in own for name in each.scores):
            pairs = [(next(iter(each.scores.values())), each.scores[side]) for each in own if side in each.scores]
            found.append(
                {
                    "question": question,
                    "metric": own[0].metric,
                    "side": side,
                    "races": len(pairs),
                    "value": fmean(theirs for _, theirs in pairs),
                    "own": fmean(ours for ours, _ in pairs),
                }
            )
    return found
