"""A new order from what a bundle says of its model: the same question, rows, features and algorithm, on the data that are here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.access.sharing import Origin
from pitwall.domain.errors import UsageError
from pitwall.features import feature_sets, groups
from pitwall.ml.models import model
from pitwall.ml.templates import templates
from pitwall.workflows.hub.opening.code import RECIPE, SPEC
from pitwall.workflows.hub.opening.json_text import parsed_json
from pitwall.workflows.hub.opening.refusal import shown
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.orders.checking import checked
from pitwall.workflows.orders.order import TrainingOrder, order_of


@dataclass(frozen=True)
class Fork:
    """An order that was made from a bundle.

    Attributes:
        order: with where it comes from.
        left: what the bundle's model had and no order can say, in sentences.
    """

    order: TrainingOrder
    left: tuple[str, ...] = ()


def fork(bundle: Received) -> Fork:
    """Return a new order from a verified bundle; it has no name yet, and nothing is trained.

    Raises:
        UnknownName: it asks for a question, group, feature or algorithm that is not there; offers the nearest one.
        UsageError: its question is its owner's own, or a value cannot be in an order.
    """
    recipe = parsed_json(RECIPE, (bundle.files / RECIPE).read_bytes())
    path = bundle.files / SPEC
    spec = parsed_json(SPEC, path.read_bytes()) if path.is_file() else {}
    try:
        lines = _of_spec(spec) if spec else _of_recipe(recipe, bundle)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"the order in the bundle {bundle.hash[:12]} is not of the form of this version ({type(error).__name__}: {shown(str(error))})."
        ) from None
    return Fork(checked(order_of({**lines, "forked_from": str(origin_of(bundle))})), tuple(_left(spec)))


def origin_of(bundle: Received) -> Origin:
    """Return where a model comes from that is made from a bundle's order."""
    return Origin(bundle.about.name, bundle.about.version, bundle.hash, bundle.about.key)


def _of_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lines of an order from the spec that somebody's order had become on their data."""
    if spec.get("own"):
        raise UsageError(
            f"{shown(str(spec['target']))} is a question of its owner's own, whose answers lie in a file; an order asks a template or a column."
        )
    chosen, trials = spec.get("selection", {}), spec.get("tuning", {}).get("trials", 1)
    lines = {
        "question": spec["target"],
        "stage": spec["stage"],
        **{name: chosen[name] for name in ("seasons", "circuits", "conditions") if chosen.get(name)},
        **_features(str(spec["target"]), [*spec["features"], *spec.get("empty", [])], spec["features"]),
        "algorithm": spec["algorithm"],
        "auto_tune": trials if trials > 1 else False,
        "folds": spec.get("held_out_seasons", 0),
    }
    return {**lines, **({"seed": spec["seed"]} if "seed" in spec else {})}


def _of_recipe(recipe: Mapping[str, Any], bundle: Received) -> dict[str, Any]:
    """Return the lines of an order from a model that nobody ordered: it is tuned and judged as the project's own models are."""
    question = next(iter(bundle.about.templates), "")
    return {
        "question": question,
        "stage": recipe["stage"],
        **_features(question, recipe["features"], recipe["features"]),
        "algorithm": recipe["estimator"],
        "auto_tune": True,
        "seed": recipe["seed"],
    }


def _features(question: str, there: list[str], read: list[str]) -> dict[str, Any]:
    """Return the groups that hold some features, and which of their features are read where not all are.

    Args:
        question: a template; of another one nothing is known, which the order will say.
        there: all that were chosen.
        read: those with a value.
    """
    if question not in templates():
        return {}
    own = feature_sets()[model(templates()[question].model).feature_set]
    several = [*own, *(group for group in groups().values() if group not in own)]
    chosen, left = [], set(there)
    for group in several:
        if left & set(group.names):
            chosen.append(group)
            left -= set(group.names)
    whole = not left and {name for group in chosen for name in group.names} == set(there)
    return {"groups": [group.name for group in chosen], **({} if whole else {"features": [*read, *sorted(left)]})}


def _left(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a spec says and no order can."""
    selection = spec.get("selection", {})
    for name in ("drivers", "teams"):
        if selection.get(name):
            yield f"its rows were those of some {name} ({shown(', '.join(map(str, selection[name])), 80)}); the order takes all."
    if spec.get("params"):
        yield f"parameters of its own ({shown(', '.join(sorted(spec['params'])), 80)}); the order takes the algorithm's."
    if spec.get("folds"):
        yield "folds of its own; the order is judged season by season."
