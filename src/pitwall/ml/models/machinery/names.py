"""Names of trained models, `<model>-<stage>`, templates that stand for their model, and how each model is trained.

A model that params.yaml does not list can be trained by name, and so can one that it lists at a further stage at which its questions
are asked, or a user's own that has a spec; none of them is ever part of the scheduled flow.
"""

from __future__ import annotations

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.project import Project
from pitwall.ml.models import model, models
from pitwall.ml.specs import specs


def model_names(params: Params) -> list[str]:
    """Return the registered names that params.yaml trains, in its order.

    Example:
        >>> model_names(Params())
        ['order-pre_race', 'order-pre_weekend']
    """
    return [f"{model}-{stage}" for model, section in params.models.items() for stage in section.stages]


def all_names(params: Params) -> list[str]:
    """Return every registered name that can be trained: those of params.yaml, every other model at each of its stages, users' own."""
    return [*model_names(params), *_unlisted(params), *users_names()]


def trained_names(params: Params, project: Project) -> list[str]:
    """Return the registered names that params.yaml trains, then others that were trained here by name; drafts are none of them."""
    named = [*_unlisted(params), *users_names(drafts=False)]
    return [*model_names(params), *(name for name in named if project.model(name).is_dir())]


def users_names(*, drafts: bool = True) -> list[str]:
    """Return the names of users' models in the project that we are in, `<name>-<stage>`.

    Args:
        drafts: also those that nobody has named yet.
    """
    known = specs()
    return [f"{name}-{each.spec.stage}" for name, each in known.items() if drafts or name != each.spec.draft]


def _unlisted(params: Params) -> list[str]:
    """Return the registered names that params.yaml does not train: every model at the stages of its defaults and of its questions."""
    from pitwall.ml.templates import answered_by

    names = [
        f"{each.name}-{stage}"
        for each in models().values()
        for stage in (*each.settings.stages, *(stage for asked in answered_by(each.name) for stage in asked.stages))
    ]
    return [name for name in dict.fromkeys(names) if name not in model_names(params)]


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

    known = all_names(params)
    if name in known:
        return name
    if (own := specs().get(name)) is not None:
        return f"{name}-{own.spec.stage}"
    questions = templates()
    if name in questions:
        answers = [f"{questions[name].model}-{stage}" for stage in questions[name].stages]
        for answer in answers:
            if answer in known:
                return answer
    raise UnknownName("model", name, [*known, *questions])


def trained_at(name: str, params: Params) -> list[str]:
    """Return the stages at which a model can be trained, those of its settings first."""
    return [stage for of, _, stage in (each.rpartition("-") for each in all_names(params)) if of == name]


def settings_of(name: str, params: Params) -> ModelParams:
    """Return how a model is trained: as params.yaml says, else by its own defaults."""
    return params.models[name] if name in params.models else model(name).settings
