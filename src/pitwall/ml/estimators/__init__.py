"""Estimators, one file each in the folder of their family. A file that ends with `ESTIMATOR = ...` is found there, nothing else is to be edited."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from pitwall.domain.errors import PluginError
from pitwall.domain.plugins import discover, outside, pick
from pitwall.ml.estimators._estimator import (
    Estimator,
    Explains,
    FitInput,
    Fitted,
    Heard,
    Traits,
    learns_in_rounds,
    traits_of,
)
from pitwall.ml.families import families

__all__ = [
    "Estimator",
    "Explains",
    "FitInput",
    "Fitted",
    "Heard",
    "Traits",
    "baselines",
    "estimator",
    "estimators",
    "learns_in_rounds",
    "traits_of",
]


def estimators(family: str) -> dict[str, Estimator]:
    """Return all estimators of a family by name, baselines included; those from outside say which family they belong to.

    Raises:
        PluginError: one from outside belongs to a family that does not exist.
    """
    for each in outside("ESTIMATOR"):
        if each.plugin.family not in families():
            known = ", ".join(families())
            raise PluginError(
                f"the estimator {each.plugin.name!r} of {each.where} says the family {each.plugin.family!r}; there are: {known}."
            )
    folder = f"{__name__}.{family}"
    package = import_module(folder) if find_spec(folder) else None
    return discover(package, "ESTIMATOR", belongs=lambda plugin: plugin.family == family)


def estimator(family: str, name: str) -> Estimator:
    """Return one estimator of a family; raise UnknownName with the nearest known one."""
    found: Estimator = pick(f"{family} estimator", name, estimators(family))
    return found


def baselines(family: str) -> dict[str, Estimator]:
    """Return the estimators of a family that are rules to beat."""
    return {name: plugin for name, plugin in estimators(family).items() if plugin.role == "baseline"}
