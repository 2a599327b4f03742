"""One order of what cells have declared: of exactly one model, with the features that other cells choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.domain.errors import NotImported
from pitwall.features import feature_sets
from pitwall.workflows.orders.checking import checked
from pitwall.workflows.orders.order import TrainingOrder, order_of, read

Declared = tuple[int, str, Any]  # the cell's number, its role, what it declares


def merged(found: Sequence[Declared]) -> TrainingOrder:
    """Return the order that cells declare together.

    Raises:
        NotImported: none or several models are declared, or two cells choose the same.
        UnknownName, UsageError: it is no order of this project; see `order_of` and `checked`.
    """
    models = [(cell, said) for cell, role, said in found if role == "model"]
    if len(models) != 1:
        named = (
            f"cells {', '.join(str(cell) for cell, _ in models)} declare {len(models)}"
            if models
            else "no cell declares one"
        )
        raise NotImported(
            f"a notebook is imported as one model, and {named}; tag one cell with pitwall:model, with one model in it."
        )
    lines = _lines(models[0][1])
    for number, role, choice in found:
        if role == "features":
            if taken := sorted(set(lines.get("chosen", ())) & set(choice)):
                raise NotImported(f"cell {number} chooses {', '.join(taken)} once more; choose features in one cell.")
            lines["chosen"] = {**lines.get("chosen", {}), **choice}
    chosen = lines.pop("chosen", {})
    return checked(order_of({**lines, **chosen, "groups": _groups(chosen.get("groups", lines.get("groups")))}))


def _lines(said: object) -> dict[str, Any]:
    if isinstance(said, str):
        return read(said).content()
    return dict(said) if isinstance(said, Mapping) else order_of(said).content()


def _groups(named: object) -> object:
    """Return groups with sets of them, which the bench takes and an order does not, by the names of their groups."""
    if named is None:
        return ()
    words, sets = [named] if isinstance(named, str) else named, feature_sets()
    if not isinstance(words, Sequence):
        return named
    return tuple(dict.fromkeys(name for word in words for name in (_of_set(sets, word) if word in sets else (word,))))


def _of_set(sets: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(group.name for group in sets[name])
