"""Estimators, one file each in the folder of their family. A file that ends with `ESTIMATOR = ...` is found there, nothing else is to be edited."""

from __future__ import annotations

from importlib import import_module

from pitwall.domain.plugins import discover, pick
from pitwall.ml.estimators._estimator import Estimator, Explains, FitInput, Fitted

__all__ = ["Estimator", "Explains", "FitInput", "Fitted", "baselines", "estimator", "estimators"]


def estimators(family: str) -> dict[str, Estimator]:
    """Return all estimators of a family by name, baselines included."""
    return discover(import_module(f"{__name__}.{family}"), "ESTIMATOR")


def estimator(family: str, name: str) -> Estimator:
    """Return one estimator of a family; raise UnknownName with the nearest known one."""
    found: Estimator = pick(f"{family} estimator", name, estimators(family))
    return found


def baselines(family: str) -> dict[str, Estimator]:
    """Return the estimators of a family that are rules to beat."""
    return {name: plugin for name, plugin in estimators(family).items() if plugin.role == "baseline"}
