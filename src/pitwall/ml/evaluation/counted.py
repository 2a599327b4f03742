"""Accuracy, precision, recall and F1 of a question's answers, as its family counts them."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.scoring import family_of, metric_interval
from pitwall.ml.templates import Template


def counted(template: Template, known: pd.DataFrame, gates: GateParams, seed: int) -> dict[str, Interval]:
    """Return them with their race-block intervals; nothing where the answers are numbers.

    Args:
        template: the question.
        known: scored rows of one estimator.
        gates: say how many draws of races, and the level.
        seed: of the draws.
    """
    metrics = family_of(template).counted.metrics
    return {name: metric_interval(metric, known, gates, seed) for name, metric in metrics.items()}


def rule(template: Template) -> str:
    """Return which answers count as what, in words."""
    own = f" Here it calls {template.call.rule}." if template.call else ""
    return f"{family_of(template).counted.rule}{own}"
