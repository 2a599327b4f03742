"""Estimators, one file each. A file that ends with `ESTIMATOR = ...` is found here; nothing else is to be edited."""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.ml.estimators._estimator import Estimator, Fitted, feature_columns
from pitwall.ml.spines import SPINE_COLUMNS

__all__ = ["SPINE_COLUMNS", "Estimator", "Fitted", "baselines", "estimator", "estimators", "feature_columns"]


def estimators() -> dict[str, Estimator]:
    """Return all estimators by name, baselines included."""
    return discover(sys.modules[__name__], "ESTIMATOR")


def estimator(name: str) -> Estimator:
    """Return one estimator; raise UnknownName with the nearest known one."""
    found: Estimator = pick("estimator", name, estimators())
    return found


def baselines() -> dict[str, Estimator]:
    """Return the estimators that are rules to beat."""
    return {name: plugin for name, plugin in estimators().items() if plugin.role == "baseline"}
