"""Whether a person's duel entitles anybody to say who is better: the test that may be looked at after every race, against each other side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pitwall.domain.params import Params
from pitwall.ml.evaluation.scoring import metric_of
from pitwall.ml.forecasting.record.duel import Round
from pitwall.ml.templates import template
from pitwall.monitoring.sequential import Design, Look, looks, say
from pitwall.workflows.ab.design import design_for


@dataclass(frozen=True)
class Standing:
    """How a person stands beside one other side in one question.

    Attributes:
        question: a template's name.
        metric: its main loss.
        unit: of the loss.
        side: champion, challenger, baseline or market.
        design: bound and alpha, as params.yaml has them.
        races: on which both sides stand, in their order.
        looks: one a race; *ahead* is the person.
        said: the newest look in words.
    """

    question: str
    metric: str
    unit: str
    side: str
    design: Design
    races: tuple[str, ...]
    looks: tuple[Look, ...]
    said: str


def standings(rounds: Sequence[Round], by: str, params: Params) -> list[Standing]:
    """Return a test per question and other side, over the races on which both stand.

    Args:
        rounds: of `workflows.record.duel.duel`.
        by: the person, as their side is named in the rounds.
        params: with the numbers of the test.

    Raises:
        UsageError: a question's loss has no bound.
        UnknownName: params.yaml has a bound of nothing that is known.
    """
    found: list[Standing] = []
    for question in dict.fromkeys(each.question for each in rounds):
        own = sorted((each for each in rounds if each.question == question), key=lambda each: each.race)
        for side in dict.fromkeys(name for each in own for name in each.scores if name != by):
            both = [each for each in own if by in each.scores and side in each.scores]
            if both:
                found.append(_standing(both, by, side, params))
    return found


def _standing(rounds: Sequence[Round], by: str, side: str, params: Params) -> Standing:
    question = template(rounds[0].question)
    design, unit = design_for(params, question), metric_of(question, question.loss).unit
    seen = looks([each.scores[side] - each.scores[by] for each in rounds], design)
    return Standing(
        question=question.name,
        metric=question.loss,
        unit=unit,
        side=side,
        design=design,
        races=tuple(each.race for each in rounds),
        looks=tuple(seen),
        said=say(seen[-1], unit),
    )
