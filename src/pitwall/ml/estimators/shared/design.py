"""Design matrices: what a feature says *within its race*, since only differences between cars decide an order.

A transform that is the same for all cars of a race (the weather, the season) cannot order them, and the level of a
rating drifts over the years. So every transform here but `raw` and `log` compares a car with the field that it races.
Nulls stay null for trees, which learn where to send them; linear models take `impute`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError

Transform = Callable[[pd.DataFrame, pd.Series], pd.DataFrame]
FLAT = 1e-12  # a spread within a race up to which all of its cars are alike


def _raw(values: pd.DataFrame, _race: pd.Series) -> pd.DataFrame:
    return values


def _log(values: pd.DataFrame, _race: pd.Series) -> pd.DataFrame:
    return np.log(np.maximum(values, 1e-9))


def _mean(values: pd.DataFrame, race: pd.Series) -> pd.DataFrame:
    return values - values.groupby(race).transform("mean")


def _best_low(values: pd.DataFrame, race: pd.Series) -> pd.DataFrame:
    return values - values.groupby(race).transform("min")


def _best_high(values: pd.DataFrame, race: pd.Series) -> pd.DataFrame:
    return values - values.groupby(race).transform("max")


def _z(values: pd.DataFrame, race: pd.Series) -> pd.DataFrame:
    by = values.groupby(race.to_numpy())  # as an array: pandas writes out a whole Series to find that it is no column
    spread = by.transform("std", ddof=0).to_numpy()
    told = (values - by.transform("mean")) / np.where(spread > FLAT, spread, np.nan)
    flat = spread <= FLAT
    return told.where(~flat, 0.0 * values) if flat.any() else told


def _rank(values: pd.DataFrame, race: pd.Series) -> pd.DataFrame:
    return values.groupby(race).rank(method="average")


TRANSFORMS: Mapping[str, Transform] = {
    "raw": _raw,
    "log": _log,
    "mean": _mean,
    "best_low": _best_low,
    "best_high": _best_high,
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
    columns: dict[str, np.ndarray] = {}
    for how in dict.fromkeys(
        how for _, how in wanted
    ):  # all columns of one transform at once: a race is answered in milliseconds
        names = [name for name, each in wanted if each == how]
        made = TRANSFORMS[how](frame[names].astype("float64"), frame["race_id"]).to_numpy()
        columns |= {f"{name}.{how}": column for name, column in zip(names, made.T, strict=True)}
    return pd.DataFrame({f"{name}.{how}": columns[f"{name}.{how}"] for name, how in wanted}, index=frame.index)


def impute(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return the matrix with nulls at zero and one `<column>.missing` indicator per column that has any null."""
    masks = {f"{name}.missing": matrix[name].isna().astype("float64") for name in matrix if matrix[name].isna().any()}
    return pd.concat([matrix.fillna(0.0), pd.DataFrame(masks, index=matrix.index)], axis=1)
