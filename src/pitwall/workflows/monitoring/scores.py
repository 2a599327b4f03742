"""What forecasts in time were worth, from the track record: this season and lately, beside the baseline that was stored with them.

The statement about a season may be read after every race: its test is declared by the season, the question and the bound of a race's difference,
and its error is shared out among the models, as each of them could raise an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.sections.duel import DuelParams
from pitwall.ml.evaluation.scoring import metric_of
from pitwall.ml.forecasting.record.summary import COUNTS, Line, lines
from pitwall.ml.templates import templates
from pitwall.monitoring.sequential import Design, looks, say
from pitwall.workflows.monitoring.found import Pair, Score

LATELY = 5  # races
Declared = Callable[[str, str], Design | None]


def declared(params: DuelParams, models: int) -> Declared:
    """Return the tests by question and metric, none where no bound is declared.

    Args:
        params: bounds, and the error of all models together.
        models: that share it.
    """

    def design(question: str, metric: str) -> Design | None:
        try:
            return Design(params.bound_of(question, metric), params.alpha / max(models, 1))
        except UsageError:
            return None

    return design


def scores(rows: Sequence[Mapping[str, Any]], model: str, deciding: str, design: Declared) -> tuple[Score, ...]:
    """Return a model's scores, the question first by which it is judged.

    Args:
        rows: of the record, as far as it is looked at.
        model: registered name.
        deciding: the question by which the model is judged.
        design: of the test of a question by its metric; one without is shown without a statement.
    """
    known = templates()
    counted = [
        each
        for each in lines(rows)
        if (each.model, each.state, each.role) == (model, COUNTS, CHAMPION) and each.question in known and _pair(each)
    ]
    questions = sorted({each.question for each in counted}, key=lambda name: (name != deciding, name))
    return tuple(
        _score([each for each in counted if each.question == name], name == deciding, design) for name in questions
    )


def _score(own: Sequence[Line], decides: bool, design: Declared) -> Score:
    """Return the score of one question, of the season of its newest race."""
    ordered = sorted(own, key=lambda each: each.race)
    metric, question = ordered[-1].metric, ordered[-1].question
    season = [each for each in ordered if each.race[:4] == ordered[-1].race[:4]]
    unit = metric_of(templates()[question], metric).unit
    ours, theirs = (tuple(float(getattr(each, side)) for each in season) for side in ("score", "baseline"))
    test = design(question, metric)
    last = looks([b - a for a, b in zip(ours, theirs, strict=True)], test)[-1] if test else None
    return Score(
        question=question,
        metric=metric,
        unit=unit,
        races=tuple(each.race for each in season),
        ours=ours,
        baseline=theirs,
        season=_means(season),
        lately=_means(ordered[-LATELY:]),
        interval=(last.low, last.high) if last else None,
        verdict=last.verdict if last else "",
        said=say(last, unit) if last else "",
        decides=decides,
    )


def _means(own: Sequence[Line]) -> Pair:
    pairs = [pair for each in own if (pair := _pair(each))]
    return Pair(len(pairs), fmean(ours for ours, _ in pairs), fmean(theirs for _, theirs in pairs))


def _pair(line: Line) -> tuple[float, float] | None:
    return None if line.score is None or line.baseline is None else (line.score, line.baseline)
