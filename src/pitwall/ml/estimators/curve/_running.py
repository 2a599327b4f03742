"""What features say of a row's own compound, and the slope that they amount to: where both models of a curve start from.

Features that stand in a row once for each compound (`wear_soft`, `wear_medium`, `wear_hard`) are read as the one of the row's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.rows import feature_columns

COMPOUND = "compound_id"
OWN, HERE = "wear_own", "circuit_wear"
ENDINGS = {number: f"_{name}" for number, name in COMPOUNDS.items()}


def own_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the features of each row as a model of its compound reads them, one float column each."""
    names = feature_columns(frame)
    if COMPOUND not in frame:
        return frame[names].astype("float64")
    compound, stems = frame[COMPOUND].to_numpy(), _stems(names)
    made = {
        f"{stem}_own": np.select(
            [compound == number for number in ENDINGS],
            [frame[stem + ending].to_numpy(dtype=np.float64, na_value=np.nan) for ending in ENDINGS.values()],
            np.nan,
        )
        for stem in stems
    }
    told = {stem + ending for stem in stems for ending in ENDINGS.values()}
    is_one = {f"is{ending}": (compound == number).astype(np.float64) for number, ending in ENDINGS.items()}
    rest = {name: frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in names if name not in told}
    return pd.DataFrame({**rest, **made, **is_one}, index=frame.index)


def told_of(added: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return what each feature of `frame` adds, by what each of its `own_features` does.

    What is read of a row's own compound counts to the feature that it was read from, and which compound that is to the first of these.
    """
    names = feature_columns(frame)
    told = added.reindex(columns=names, fill_value=0.0)
    if COMPOUND not in frame:
        return told
    which = sum(added[f"is{ending}"] for ending in ENDINGS.values())
    stems, compound = _stems(names), frame[COMPOUND].where(frame[COMPOUND].isin(list(ENDINGS)), min(ENDINGS))
    for number, ending in ENDINGS.items():
        for place, stem in enumerate(stems):
            own = added[f"{stem}_own"] + (which if place == 0 else 0.0)
            told[stem + ending] = own.where(compound == number, 0.0)
    return told if stems else told.assign(**{COMPOUND: which})


def _stems(names: Sequence[str]) -> list[str]:
    """Return what the features that stand there once for each compound have in common."""
    first = ENDINGS[min(ENDINGS)]
    stems = [name.removesuffix(first) for name in names if name.endswith(first)]
    return [stem for stem in stems if all(stem + ending in names for ending in ENDINGS.values())]


@dataclass(frozen=True)
class Running:
    """The slope of a row as its features have it: of its compound these days, and of its circuit beyond that."""

    otherwise: float

    @classmethod
    def learn(cls, value: Array) -> Running:
        """Return it with what is said of a row whose compound has no past: the usual slope of training rows."""
        return cls(float(np.median(value)))

    def of(self, own: pd.DataFrame) -> Array:
        """Return the slope of each row of `own_features`."""
        usual = own[OWN].fillna(self.otherwise) if OWN in own else pd.Series(self.otherwise, own.index)
        return np.asarray(usual + own[HERE].fillna(0.0) if HERE in own else usual, dtype=np.float64)

    def parts(self, own: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the slope of each row; where none tells it, nothing does."""
        otherwise = {OWN: self.otherwise, HERE: 0.0}
        return pd.DataFrame(
            {name: own[name].fillna(each) for name, each in otherwise.items() if name in own}, own.index
        )
