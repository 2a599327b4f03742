"""Find the version that a text means: `race_winner@champion`, `order-pre_race@Production`, `order-pre_race@3`."""

from __future__ import annotations

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import Params
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.domain.records.aliases import split_reference
from pitwall.ml.models.machinery.names import resolve_model


def find_version(registry: Registry, params: Params, text: str) -> ModelVersion:
    """Return the version that a reference names; a bare name is its champion.

    Args:
        registry: of the model versions.
        params: that say which models there are.
        text: `NAME@ALIAS` or `NAME@VERSION`; NAME is a model or a template that it answers.

    Raises:
        UnknownName: no such model, alias or version, or nobody holds the alias now; lists what there is.
    """
    name, which = split_reference(text)
    model = resolve_model(name, params)
    if isinstance(which, int):
        return registry.get(model, which)
    found = registry.alias(model, which)
    if found is None:
        raise UnknownName(f"alias of {model}", which, registry.aliases(model))
    return found
