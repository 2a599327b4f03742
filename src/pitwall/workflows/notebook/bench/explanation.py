"""Why a model says what it says of one row: what each feature, and each group of them, adds beside the average row of its race."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables
from pitwall.ml.evaluation.contributions import contributions, unit_of
from pitwall.ml.forecasting.saying.names import names_of
from pitwall.ml.models import Model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.report.figures.bars import signed_bars_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 12


@dataclass(frozen=True)
class Explanation:
    """What adds to one answer.

    Attributes:
        key: of the row.
        title: who or what it is about, and in which race.
        unit: of what is added: nats of log odds, or the unit of the number.
        groups: what each feature group adds, the strongest first.
        features: what each feature adds; None where the estimator has no exact sum.
        exact: whether the sums are exact rather than found by exchanging columns with other rows of the race.
    """

    key: Mapping[str, int]
    title: str
    unit: str
    groups: pd.Series
    features: pd.Series | None

    @property
    def exact(self) -> bool:
        """Whether what is added sums up to the difference from the average row."""
        return self.features is not None

    def plot(self) -> Figure:
        """Return the strongest features, or groups where single ones are not told, as bars around 0."""
        strongest = (self.groups if self.features is None else self.features).head(SHOWN)
        return signed_bars_figure(strongest.to_dict(), f"Why: {self.title}", label=f"added ({self.unit})")

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value:+.3f}" for name, value in self.groups.head(5).items())
        return f"{self.title}: {told} ({self.unit}, beside the average row of the race)"


def of_row(
    model: FittedModel,
    frame: pd.DataFrame,
    row: pd.Series | Mapping[str, Any] | pd.DataFrame,
    *,
    definition: Model,
    tables: Tables,
) -> Explanation:
    """Return what adds to the answer about one row.

    Args:
        model: that answers.
        frame: the rows that it knows, with features.
        row: a row of them, or the ids of its key.
        definition: what the model is.
        tables: for names.

    Raises:
        UsageError: there is no such row, or it is more than one.
    """
    if isinstance(row, pd.DataFrame):
        if len(row) != 1:
            raise UsageError(f"one row is explained at a time; found {len(row)}.")
        row = row.iloc[0]
    key = list(definition.kind.key)
    if lacking := [name for name in key if name not in row]:
        raise UsageError(f"the row lacks {', '.join(lacking)}, by which it is known.")
    found = (frame[key] == [int(row[name]) for name in key]).all(axis=1)
    if not found.any():
        raise UsageError(
            f"the model's data have no row { ({name: int(row[name]) for name in key}) }; name one of them."
        )
    race = frame[frame["race_id"] == int(row["race_id"])].reset_index(drop=True)
    at = int((race[key] == [int(row[name]) for name in key]).all(axis=1).to_numpy().argmax())
    added = contributions(model, race, frame)
    return Explanation(
        key={name: int(row[name]) for name in key},
        title=_title(race.iloc[at], definition, tables),
        unit=unit_of(definition),
        groups=_sorted(added.groups.iloc[at]),
        features=None if added.features is None else _sorted(added.features.iloc[at]),
    )


def _title(row: pd.Series, definition: Model, tables: Tables) -> str:
    """Return e.g. `Alex Albon, lap 12, 2024-05`."""
    who = next(iter(names_of(tables, row.to_dict()).values()))
    counted = [f"{name} {int(row[name])}" for name in definition.kind.own if not name.endswith("_id")]
    return ", ".join([str(who), *counted, f"{int(row['season'])}-{int(row['round']):02d}"])


def _sorted(added: pd.Series) -> pd.Series:
    return added.reindex(added.abs().sort_values(ascending=False, kind="stable").index).astype("float64")
