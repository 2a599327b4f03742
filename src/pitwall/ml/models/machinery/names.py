"""Names of trained models, `<model>-<stage>`, templates that stand for their model, and how each model is trained.

A model that params.yaml does not list can be trained by name, and is never part of the scheduled flow.
"""

from __future__ import annotations

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import ModelParams, Params
from pitwall.ml.models import model, models


def model_names(params: Params) -> list[str]:
    """Return the registered names that params.yaml trains, in its order.

    Example:
        >>> model_names(Params())
        ['order-pre_race', 'order-pre_weekend']
    """
    return [f"{model}-{stage}" for model, section in params.models.items() for stage in section.stages]


def model_of(name: str) -> str:
    """Return the model of a registered name.

    Example:
        >>> model_of("order-pre_race")
        'order'
    """
    return name.rsplit("-", 1)[0]


def resolve_model(name: str, params: Params) -> str:
    """Return the registered name for a model's name or a template's.

    A template stands for the model that answers it, at the first of its stages that params.yaml trains.

    Raises:
        UnknownName: neither; offers the nearest known name.
    """
    from pitwall.ml.templates import templates

    listed = model_names(params)
    others = [f"{each.name}-{stage}" for each in models().values() for stage in each.settings.stages]
    known = list(dict.fromkeys([*listed, *(other for other in others if model_of(other) not in params.models)]))
    if name in known:
        return name
    questions = templates()
    if name in questions:
        answers = [f"{questions[name].model}-{stage}" for stage in questions[name].stages]
        for answer in answers:
            if answer in known:
                return answer
    raise UnknownName("model", name, [*known, *questions])


def settings_of(name: str, params: Params) -> ModelParams:
    """Return how a model is trained: as params.yaml says, else by its own defaults."""
    return params.models[name] if name in params.models else model(name).settings
