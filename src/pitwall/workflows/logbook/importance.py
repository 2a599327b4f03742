"""Which parameters explain the differences between runs: Optuna's fANOVA on trials that are made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pitwall.domain.errors import UsageError
from pitwall.report.figures.scales import by_logarithm, places

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FEW = 4  # runs below which a share is a matter of luck alone


def importances(columns: Mapping[str, Sequence[object]], values: np.ndarray) -> dict[str, float]:
    """Return the share of the differences between values that each parameter explains, the largest first; they sum to 1.

    Args:
        columns: {parameter: its value in each run}; each has different ones.
        values: of the runs.

    Raises:
        UsageError: there are too few runs, or all have one value.
    """
    import optuna

    if len(values) < FEW or np.ptp(values) == 0:
        raise UsageError(f"{len(values)} runs with {len(set(values))} values tell no importance; {FEW} are needed.")
    held = {name: _distribution(column) for name, column in columns.items()}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    for number, value in enumerate(values):
        params: dict[str, Any] = {name: column[number] for name, column in columns.items()}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=held, value=float(value)))
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items()}


def _distribution(column: Sequence[object]) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    at, names = places(column)
    if names:
        return CategoricalDistribution(names)
    return FloatDistribution(float(at.min()), float(at.max()), log=by_logarithm(at))
