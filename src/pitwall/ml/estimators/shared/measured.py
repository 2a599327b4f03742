"""The loss on later races of what those races did not decide: told once, as the only step of a fit without any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from pitwall.ml.estimators._estimator import FitInput

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

F = TypeVar("F", bound="DataclassInstance")


def measured(fitted: F, data: FitInput, loss: Callable[[pd.DataFrame, pd.DataFrame], float]) -> F:
    """Return what was fitted with its `validation_loss`; as it is where there are no later races.

    Args:
        fitted: a dataclass with a field `validation_loss`.
        data: with the later races, and who is told how it goes.
        loss: (frame, outcome) of the later races -> the loss.
    """
    if data.validation is None:
        return fitted
    found = loss(*data.validation)
    if data.report is not None:
        data.report(0, found)
    return replace(fitted, validation_loss=found)
