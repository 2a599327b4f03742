"""Estimators, one file each in the folder of their family. A file that ends with `ESTIMATOR = ...` is found there; nothing else is to be edited."""

from __future__ import annotations

from pitwall.domain.plugins import discover, pick
from pitwall.ml.estimators import order
from pitwall.ml.estimators._estimator import Estimator, Fitted, feature_columns
from pitwall.ml.rows.spines import SPINE_COLUMNS

__all__ = ["SPINE_COLUMNS", "Estimator", "Fitted", "baselines", "estimator", "estimators", "feature_columns"]


def estimators() -> dict[str, Estimator]:
    """Return all estimators by name, baselines included."""
    return discover(order, "ESTIMATOR")


def estimator(name: str) -> Estimator:
    """Return one estimator; raise UnknownName with the nearest known one."""
    found: Estimator = pick("estimator", name, estimators())
    return found


def baselines() -> dict[str, Estimator]:
    """Return the estimators that are rules to beat."""
    return {name: plugin for name, plugin in estimators().items() if plugin.role == "baseline"}
