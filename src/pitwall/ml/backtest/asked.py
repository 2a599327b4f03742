"""What a backtest is asked for, in the words of a command: questions, stages and seasons, and the one model that they mean.

Which model it is follows from the questions; its stages are those that its settings train.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.ml.models.machinery.names import settings_of, trained_at
from pitwall.ml.templates import Template, answered_by, template
from pitwall.ml.training.training_job import TrainingJob, training_job

SEASONS = re.compile(r"(\d{4})(?::(\d{4}))?")

MAIN = "order"  # whose questions are meant where none is named


def parse_seasons(text: str) -> list[int]:
    """Return the seasons of `2015:2024`, `2019` or `2015,2018:2020`, sorted.

    Raises:
        UsageError: the text has another form, or a range runs backwards.

    Example:
        >>> parse_seasons("2015,2018:2020")
        [2015, 2018, 2019, 2020]
    """
    found: set[int] = set()
    for part in text.split(","):
        match = SEASONS.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise UsageError(f"seasons are given as 2015:2024, 2019 or 2015,2018; found {text!r}.")
        found.update(range(first, last + 1))
    return sorted(found)


def asked_model(params: Params, templates: Sequence[str] = ()) -> str:
    """Return the model that answers some questions; without any the order model, or the first one that params.yaml lists.

    Raises:
        UnknownName: there is no such question.
        UsageError: they are of several models, or there is neither a question nor a model.
    """
    if not templates and not params.models:
        raise UsageError("params.yaml lists no model, so there is no backtest of all; name a question with --template.")
    if not templates:
        return MAIN if MAIN in params.models else next(iter(params.models))
    by_model: dict[str, list[str]] = {}
    for name in dict.fromkeys(templates):
        by_model.setdefault(template(name).model, []).append(name)
    if len(by_model) > 1:
        told = "; ".join(f"{name} answers {', '.join(asked)}" for name, asked in by_model.items())
        raise UsageError(
            f"a backtest is of one model: {told}. Ask for the questions of each model by a command of its own."
        )
    return next(iter(by_model))


def asked_stages(params: Params, model: str, templates: Sequence[str] = ()) -> list[str]:
    """Return the stages at which a model is trained and at least one of the questions is asked, in the order of its settings.

    Raises:
        UsageError: there is none.
    """
    questions = [template(name) for name in templates] or answered_by(model)
    trained = settings_of(model, params).stages
    found = [stage for stage in trained if any(stage in question.baseline for question in questions)]
    if not found:
        asked = ", ".join(sorted({stage for question in questions for stage in question.baseline}))
        raise UsageError(
            f"{', '.join(question.name for question in questions)} is asked at {asked}, and {model} is trained at {', '.join(trained)}; "
            f"name one of those stages in params.yaml (models.{model}.stages)."
        )
    return found


def asked_job(project: Project, params: Params, model: str, stage: str) -> TrainingJob:
    """Return the job of a model at a stage at which it can be trained; raise UnknownName for another stage."""
    trained = trained_at(model, params)
    if stage not in trained:
        raise UnknownName(f"stage of the model {model}", stage, trained)
    return training_job(project, params, f"{model}-{stage}")


def asked_questions(model: str, stage: str, names: list[str]) -> tuple[Template, ...]:
    """Return the questions that were asked for; without any all that the model answers at the stage.

    Raises:
        UnknownName: there is no such question.
        UsageError: one is another model's, or is not asked at the stage.
    """
    asked = [template(name) for name in dict.fromkeys(names)] or [
        each for each in answered_by(model) if stage in each.baseline
    ]
    if elsewhere := [each for each in asked if each.model != model]:
        raise UsageError(
            f"{elsewhere[0].name} is answered by the model {elsewhere[0].model}, and this is a backtest of {model}."
        )
    if other := [each for each in asked if stage not in each.baseline]:
        stages = ", ".join(other[0].baseline)
        raise UsageError(f"{other[0].name} is asked at {stages}; found the stage {stage!r}.")
    return tuple(asked)
