"""What may be chosen where a race is asked about: questions that somebody answers, stages with what stands against them, races."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.ml.templates import Template
from pitwall.workflows.serving.answer import STAGES, Answers
from pitwall.workflows.serving.catalogue import Known
from pitwall.workflows.serving.refusals import unknown

FIRST = "race_winner"  # the question that is shown where none is named and somebody answers it


@dataclass(frozen=True)
class StageChoice:
    """A stage of a question about a race.

    Attributes:
        stage: its name.
        model: registered name of who answers then.
        cutoff: nothing later is known, ISO text in UTC; empty where it cannot be asked.
        why_not: why it cannot be asked; empty where it can.
    """

    stage: str
    model: str
    cutoff: str = ""
    why_not: str = ""


def questions(answers: Answers) -> dict[str, Template]:
    """Return the questions that are answered here by the names under which they are asked, the first one the most asked."""
    found: dict[str, Template] = {}
    for name in answers.models.names():
        champion = answers.models.get(name)
        found.update(champion.questions if champion else {})
    return dict(sorted(found.items(), key=lambda each: (each[0] != FIRST, each[1].model != "order", each[0])))


def asked_of(answers: Answers, model: str) -> tuple[str, str]:
    """Return the question that a model is asked first, and its stage.

    Args:
        answers: of the project.
        model: a registered name.

    Raises:
        Refused: it is not served.
    """
    champion = answers.models.get(model)
    if champion is None:
        raise unknown("model", model, answers.models.names(), "name one that is served")
    names = list(champion.questions)
    return (FIRST if FIRST in names else names[0]), str(champion.job.stage)


def stages(answers: Answers, question: Template, race: str) -> list[StageChoice]:
    """Return the stages at which a question is asked, in their order.

    Args:
        answers: of the project.
        question: that is asked.
        race: label.
    """
    order = sorted(map(str, question.stages), key=lambda each: STAGES.index(each) if each in STAGES else len(STAGES))
    return [_stage(answers, f"{question.model}-{stage}", stage, race) for stage in order]


def races(answers: Answers, question: Template) -> list[Known]:
    """Return the races that a question can be asked about, the newest first."""
    found: dict[str, Known] = {}
    for stage in question.stages:
        if answers.models.get(name := f"{question.model}-{stage}"):
            found |= answers.catalogue.known(name)
    return [found[label] for label in sorted(found, reverse=True)]


def _stage(answers: Answers, model: str, stage: str, race: str) -> StageChoice:
    if answers.models.get(model) is None:
        return StageChoice(
            stage, model, why_not=f"no {model} is served: `pitwall train {model}`, then `pitwall promote {model}`"
        )
    known = answers.catalogue.known(model).get(race)
    if known is None:
        return StageChoice(stage, model, why_not=f"{race} was not exported for {model}: its session is not known yet")
    return StageChoice(stage, model, known.cutoff)
