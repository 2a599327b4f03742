"""Design matrices: what a feature says *within its race*, since only differences between cars decide an order.

A transform that is the same for all cars of a race (the weather, the season) cannot order them, and the level of a
rating drifts over the years. So every transform here but `raw` and `log` compares a car with the field that it races.
Nulls stay null for trees, which learn where to send them; linear models take `impute`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.ml.rows.machinery.moments import moments
from pitwall.ml.rows.machinery.race_blocks import race_blocks

Array = npt.NDArray[np.float64]
Transform = Callable[[Array, npt.NDArray[Any]], Array]  # (rows x features, race of each row) -> the same
FLAT = 1e-12  # a spread within a race up to which all of its cars are alike


def _raw(values: Array, _race: npt.NDArray[Any]) -> Array:
    return values


def _log(values: Array, _race: npt.NDArray[Any]) -> Array:
    return np.asarray(np.log(np.maximum(values, 1e-9)))


def _less(how: str) -> Transform:
    """Return the transform that takes a number of the race away."""

    def less(values: Array, race: npt.NDArray[Any]) -> Array:
        return np.asarray(values - pd.DataFrame(values).groupby(race).transform(how).to_numpy())

    return less


def _z(values: Array, race: npt.NDArray[Any]) -> Array:
    mean, spread = moments(values, race_blocks(race))
    told = (values - mean) / np.where(spread > FLAT, spread, np.nan)
    return np.where(spread <= FLAT, 0.0 * values, told)


def _rank(values: Array, race: npt.NDArray[Any]) -> Array:
    return np.asarray(pd.DataFrame(values).groupby(race).rank(method="average"))


TRANSFORMS: Mapping[str, Transform] = {
    "raw": _raw,
    "log": _log,
    "mean": _less("mean"),
    "best_low": _less("min"),
    "best_high": _less("max"),
    "z": _z,
    "rank": _rank,
}


def design(frame: pd.DataFrame, features: Sequence[str], plan: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """Return one float column `<feature>.<transform>` per feature and transform, aligned with the frame.

    Args:
        frame: rows with race_id and the features; a race must be complete, its cars are compared.
        features: which columns, in order.
        plan: feature -> transforms (see `TRANSFORMS`); the entry `*` serves features that are not named.

    Raises:
        FeatureError: the frame lacks a feature.
    """
    missing = [name for name in features if name not in frame.columns]
    if missing:
        raise FeatureError(
            f"the frame lacks the features {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}. "
            "Build the frame with the feature set that the recipe was trained on."
        )
    wanted = [(name, how) for name in features for how in plan.get(name, plan["*"])]
    race, made = frame["race_id"].to_numpy(), np.empty((len(frame), len(wanted)))
    for how in dict.fromkeys(how for _, how in wanted):  # all columns of one transform at once
        at = [place for place, (_, each) in enumerate(wanted) if each == how]
        values = frame[[wanted[place][0] for place in at]].to_numpy(dtype=np.float64, na_value=np.nan)
        made[:, at] = TRANSFORMS[how](values, race)
    return pd.DataFrame(made, index=frame.index, columns=[f"{name}.{how}" for name, how in wanted])


def impute(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return the matrix with nulls at zero and one `<column>.missing` indicator per column that has any null."""
    masks = {f"{name}.missing": matrix[name].isna().astype("float64") for name in matrix if matrix[name].isna().any()}
    return pd.concat([matrix.fillna(0.0), pd.DataFrame(masks, index=matrix.index)], axis=1)
