"""An order with its usual choices filled in: which stage, features and algorithm a question has, and whether there are such names."""

from __future__ import annotations

from collections.abc import Iterable

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.plugins import pick
from pitwall.domain.tables import SPECS
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.data.race_conditions import CONDITIONS
from pitwall.ml.data.selection import CARS
from pitwall.ml.models import Model, model, models
from pitwall.ml.rows import RowKind, row_kind, row_kinds
from pitwall.ml.templates import templates
from pitwall.workflows.bench.deploying import check_spelling
from pitwall.workflows.bench.ordering import algorithm_of, algorithms
from pitwall.workflows.bench.target import OWN, TASKS
from pitwall.workflows.orders.order import TrainingOrder

USUAL = "xgboost"  # the algorithm of a question of one's own, whose family is known when its labels are read
USUAL_STAGE = "pre_race"


def checked(order: TrainingOrder) -> TrainingOrder:
    """Return an order with its stage, algorithm and rows, all of whose names there are; the data may still lack what it asks for.

    Raises:
        UnknownName: a question, stage, group, feature, condition or algorithm is unknown; offers the nearest one.
        UsageError: a question of one's own lacks its task, or a template has one; or the model cannot be named so.
    """
    if order.question not in templates():
        _check_column(order)
    elif order.task or order.baseline or order.rows:
        raise UsageError(
            f"{order.question} has its own task, rows and baselines to beat; leave task, baseline and rows out of the order."
        )
    rows = order.rows if not order.custom else order.rows or CARS
    pick("kind of rows", kind_of(order).name, row_kinds())
    stage = (
        pick("stage", order.stage, {each: each for each in stages_of(order)}) if order.stage else stages_of(order)[0]
    )
    for name in order.conditions:
        pick("condition", name, CONDITIONS)
    filled = order.model_copy(update={"rows": rows, "stage": stage, "groups": _groups(order)})
    if order.name:
        check_spelling(order.name)
    return filled.model_copy(update={"features": _features(filled), "algorithm": _algorithm(filled)})


def kind_of(order: TrainingOrder) -> RowKind:
    """Return the kind of the rows that an order is about."""
    found: RowKind = pick("kind of rows", order.rows or CARS, row_kinds()) if order.custom else like(order).kind
    return found


def like(order: TrainingOrder) -> Model:
    """Return the shipped model that the ordered one is like: the one that answers its question, else the first of its rows."""
    if not order.custom:
        return model(templates()[order.question].model)
    return next(each for each in models().values() if each.rows == (order.rows or CARS))


def stages_of(order: TrainingOrder) -> tuple[str, ...]:
    """Return the stages at which a question is asked, the usual one first."""
    if not order.custom:
        return tuple(str(each) for each in templates()[order.question].stages)
    there = row_kind(order.rows or CARS).stages
    return tuple(sorted(there, key=lambda stage: stage != USUAL_STAGE))


def own_groups(order: TrainingOrder) -> tuple[FeatureGroup, ...]:
    """Return the groups of the question's model, in their order."""
    return feature_sets()[like(order).feature_set]


def chosen_groups(order: TrainingOrder) -> tuple[FeatureGroup, ...]:
    """Return the groups that an order learns from."""
    named = tuple(groups()[name] for name in order.groups)
    return named or own_groups(order)


def fitting_groups(order: TrainingOrder) -> tuple[FeatureGroup, ...]:
    """Return the groups that the rows of an order can have: the question's own first, then all whose keys the rows hold."""
    own = own_groups(order)
    keys = set(kind_of(order).columns)
    return (*own, *(group for group in groups().values() if group not in own and set(group.keys) <= keys))


def _check_column(order: TrainingOrder) -> None:
    table, _, column = order.question.partition(".")
    if table not in SPECS or column not in SPECS[table].columns:
        raise UnknownName("question", order.question, [*templates(), *columns()])
    if order.task not in TASKS:
        raise UnknownName("task", order.task or "(none)", TASKS)


def columns() -> list[str]:
    """Return the columns of all tables, as a question of one's own names them."""
    return [f"{name}.{column}" for name, spec in SPECS.items() for column in spec.columns]


def _groups(order: TrainingOrder) -> tuple[str, ...]:
    """Return the named groups in the order of the store, none where they are just the question's own."""
    named = {pick("feature group", name, groups()).name for name in order.groups}
    own = {group.name for group in own_groups(order)}
    return (
        ()
        if named == own
        else tuple(name for name in _names([*own_groups(order), *groups().values()]) if name in named)
    )


def _features(order: TrainingOrder) -> tuple[str, ...]:
    """Return the named features in the order of their groups, none where they are all of them."""
    there = [name for group in chosen_groups(order) for name in group.names]
    for name in order.features:
        if name not in there:
            raise UnknownName(f"feature of {', '.join(_names(chosen_groups(order)))}", name, there)
    return () if set(order.features) == set(there) else tuple(name for name in there if name in order.features)


def _names(found: Iterable[FeatureGroup]) -> list[str]:
    return list(dict.fromkeys(group.name for group in found))


def _algorithm(order: TrainingOrder) -> str:
    """Return the estimator that is meant; that of the question's model where none is named."""
    if order.custom:
        return _of_task(order.task, order.algorithm or USUAL)
    usual = like(order)
    return algorithm_of(usual.family, order.algorithm or usual.settings.estimator)


def _of_task(task: str, name: str) -> str:
    """Return a name by which some family of a task knows an algorithm; which family it is, the labels say later."""
    plugins = {each: plugin for family in OWN[task] for each, plugin in algorithms(family).items()}
    also = {other for plugin in plugins.values() for other in getattr(plugin, "also", ())}
    if name not in plugins and name not in also:
        raise UnknownName(f"{task} algorithm", name, [*plugins, *sorted(also)])
    return name
