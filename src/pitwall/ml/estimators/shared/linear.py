"""Raw features as the columns of a linear model: centred, scaled, clipped, gaps filled and flagged; and how such a model is written.

What a linear model learned must not depend on units, break on one absurd value, or stop at a null. So each feature is told by its
distance from the median in units of its usual spread, no further than a few of them; a null stands at the median, and where
nulls were seen in training a column of its own says that the value was missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError

Array = npt.NDArray[np.float64]
CLIP = 5.0  # usual spreads; what lies further off is told as far off, not how far
SHARE = 0.1  # the usual spread is half the distance of this quantile and its mirror image
MISSING = ".missing"
FEWEST = 20  # rows in which a feature is null, and in which it is not, before its absence is a column


@dataclass(frozen=True)
class Standardised:
    """How features become columns.

    Attributes:
        features: raw columns, in order.
        centre: their medians in training.
        scale: their usual spreads in training; 1 for a feature that does not vary.
        flagged: features whose absence is a column.
        clip: bound on the absolute value of a column, in spreads.
    """

    features: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    flagged: tuple[str, ...]
    clip: float = CLIP

    @classmethod
    def learn(cls, frame: pd.DataFrame, features: Sequence[str], clip: float = CLIP) -> Standardised:
        """Return the columns as the rows of a training frame suggest them.

        Args:
            frame: training rows with the features; nulls are allowed.
            features: which columns, in order.
            clip: see the attribute.

        Raises:
            FeatureError: the frame lacks a feature.
        """
        values = _values(frame, features)
        known = ~np.isnan(values)
        centre, scale = np.zeros(len(features)), np.ones(len(features))
        for column in range(len(features)):
            told = values[known[:, column], column]
            if len(told):
                centre[column] = np.median(told)
                scale[column] = _spread(told)
        rows, count = len(values), known.sum(axis=0)
        gaps = (count >= FEWEST) & (rows - count >= FEWEST)
        flagged = tuple(name for name, gap in zip(features, gaps, strict=True) if gap)
        return cls(tuple(features), tuple(centre.tolist()), tuple(scale.tolist()), flagged, clip)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: the features, then `<feature>.missing`."""
        return (*self.features, *(f"{name}{MISSING}" for name in self.flagged))

    def matrix(self, frame: pd.DataFrame) -> Array:
        """Return rows x `columns`, without an intercept; all finite.

        Raises:
            FeatureError: the frame lacks a feature.
        """
        return self.of_values(_values(frame, self.features))

    def of_values(self, values: Array) -> Array:
        """Return rows x `columns` of rows x `features`, NaN where not known; all finite."""
        told = (values - np.array(self.centre)) / np.array(self.scale)
        filled = np.clip(np.nan_to_num(told, nan=0.0, posinf=self.clip, neginf=-self.clip), -self.clip, self.clip)
        absent = np.isnan(values[:, [self.features.index(name) for name in self.flagged]])
        return np.hstack([filled, absent.astype(np.float64)])

    def told(self, frame: pd.DataFrame, weights: Array) -> pd.DataFrame:
        """Return what each feature adds to a sum over `columns`, its absence counted to it: frame rows x features.

        Args:
            frame: rows with the features.
            weights: of `columns`.
        """
        table = pd.DataFrame(self.matrix(frame) * weights, index=frame.index, columns=list(self.columns))
        for name in self.flagged:
            table[name] += table.pop(f"{name}{MISSING}")
        return table

    def content(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Standardised:
        """Read what `content` gave."""
        told: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
        }
        return cls(**told)


def _values(frame: pd.DataFrame, features: Sequence[str]) -> Array:
    missing = [name for name in features if name not in frame.columns]
    if missing:
        raise FeatureError(
            f"the frame lacks the features {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}. "
            "Build the frame with the feature set that the recipe was trained on."
        )
    return np.asarray(frame[list(features)].to_numpy(dtype=np.float64, na_value=np.nan))


def _spread(told: Array) -> float:
    """Return half the distance of two mirrored quantiles, else the standard deviation, else 1."""
    low, high = np.quantile(told, [SHARE, 1.0 - SHARE])
    for spread in (float(high - low) / 2, float(told.std())):
        if spread > 1e-9 * max(1.0, abs(float(low))):
            return spread
    return 1.0
