"""What a curve is: a straight line from zero, told by the quantiles of its slope, and its values at fixed places of its axis.

For tyres the axis is their age in laps and the values are seconds lost to a new set; other curves of that form fit as well. The values
are those of the line with the median slope: whoever reads them needs no formula, and no answer can say one thing twice differently.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError

SLOPE = "slope"  # the parameter: the median of the slope, per step of the axis
QUANTILES = {
    "slope_q025": 0.025, "slope_q05": 0.05, "slope_q10": 0.1, "slope_q25": 0.25, SLOPE: 0.5, "slope_q75": 0.75, "slope_q90": 0.9,
    "slope_q95": 0.95, "slope_q975": 0.975,
}  # fmt: skip
AXIS = {"at_5": 5.0, "at_10": 10.0, "at_20": 20.0, "at_30": 30.0}
COLUMNS = (*QUANTILES, *AXIS)
CLOSE = 1e-9


def curves(quantiles: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """Return answers by the quantiles of their slope.

    Args:
        quantiles: rows x `QUANTILES`, each at least as large as the one before.
        index: of the rows.
    """
    slope = quantiles[:, [list(QUANTILES).index(SLOPE)]]
    values = pd.DataFrame(slope * np.array(list(AXIS.values())), index=index, columns=list(AXIS))
    return pd.concat([pd.DataFrame(quantiles, index=index, columns=list(QUANTILES)), values], axis=1)


def columns(names: Iterable[str]) -> list[str]:
    """Return those of some columns that are of an answer, in order."""
    present = set(names)
    return [name for name in COLUMNS if name in present]


def check(answer: pd.DataFrame, _race: pd.Series) -> None:
    """Raise AnswerError unless every row has all columns, finite, quantiles in order, and its values lie on its curve."""
    if list(answer.columns) != list(COLUMNS):
        raise AnswerError(f"the answer about a curve has the columns {list(COLUMNS)}; found {list(answer.columns)}.")
    if not np.isfinite(answer.to_numpy(dtype=np.float64)).all():
        raise AnswerError("a slope or a value of a curve is no finite number; answer every row.")
    if (np.diff(answer[list(QUANTILES)].to_numpy(dtype=np.float64), axis=1) < 0).any():
        raise AnswerError("quantiles of the slope cross: each must be at least as large as the one before; sort them.")
    for name, place in AXIS.items():
        off = (answer[name] - place * answer[SLOPE]).abs() > CLOSE * (1 + answer[name].abs())
        if off.any():
            row = answer[off].iloc[0]
            raise AnswerError(
                f"{int(off.sum())} values {name} lie off their curve, the first is {row[name]:.6g} and not {place:g} times the slope "
                f"{row[SLOPE]:.6g}; make answers with `curves`."
            )
