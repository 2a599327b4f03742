"""Names of trained models: `<model>-<stage>` as params.yaml declares them, and templates that stand for their model."""

from __future__ import annotations

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import Params


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

    known = model_names(params)
    if name in known:
        return name
    questions = templates()
    if name in questions:
        answers = [f"{questions[name].model}-{stage}" for stage in questions[name].stages]
        for answer in answers:
            if answer in known:
                return answer
    raise UnknownName("model", name, [*known, *questions])
