"""What the forecasts that count have gained on their baseline, race by race."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pitwall.domain.records.aliases import CHAMPION
from pitwall.ml.evaluation.scoring import metric_of
from pitwall.ml.forecasting.record.summary import COUNTS, Line
from pitwall.ml.templates import templates


@dataclass(frozen=True)
class Gain:
    """The losses of a model's forecasts about one question beside those of the baseline.

    Attributes:
        model: registered name.
        question: as the record calls it.
        metric: its main loss; lower is better.
        unit: of the loss.
        races: labels, in the order of their sessions.
        ours: the loss of each.
        theirs: that of the baseline.
    """

    model: str
    question: str
    metric: str
    unit: str
    races: tuple[str, ...]
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def so_far(self) -> tuple[float, ...]:
        """What was gained after each race; above zero is better than the baseline."""
        found, total = [], 0.0
        for ours, theirs in zip(self.ours, self.theirs, strict=True):
            total += theirs - ours
            found.append(total)
        return tuple(found)


def gains(lines: Iterable[Line]) -> list[Gain]:
    """Return the gain of each model and question of champions that has been scored, the most races first."""
    by: dict[tuple[str, str, str], list[tuple[str, str, float, float]]] = {}
    for each in lines:
        if each.state == COUNTS and each.role == CHAMPION and each.score is not None and each.baseline is not None:
            key = each.model, each.question, each.metric
            by.setdefault(key, []).append((each.starts_at, each.race, each.score, each.baseline))
    found = [_gain(*key, sorted(own)) for key, own in by.items()]
    return sorted(found, key=lambda each: (-len(each.races), each.model, each.question))


def _gain(model: str, question: str, metric: str, own: list[tuple[str, str, float, float]]) -> Gain:
    _, races, ours, theirs = zip(*own, strict=True)
    asked = templates().get(question)
    unit = metric_of(asked, metric).unit if asked else metric
    return Gain(model, question, metric, unit, races, ours, theirs)
