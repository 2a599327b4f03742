"""What features say of a row's own compound, and the slope that they amount to: where both models of a curve start from.

Features that stand in a row once for each compound (`wear_soft`, `wear_medium`, `wear_hard`) are read as the one of the row's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.rows import feature_columns

COMPOUND = "compound_id"
OWN, HERE = "wear_own", "circuit_wear"


def own_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the features of each row as a model of its compound reads them, one float column each."""
    names = feature_columns(frame)
    if COMPOUND not in frame:
        return frame[names].astype("float64")
    compound = frame[COMPOUND].to_numpy()
    endings = {number: f"_{name}" for number, name in COMPOUNDS.items()}
    first = endings[min(endings)]
    stems = [name.removesuffix(first) for name in names if name.endswith(first)]
    stems = [stem for stem in stems if all(stem + ending in names for ending in endings.values())]
    made = {
        f"{stem}_own": np.select(
            [compound == number for number in endings],
            [frame[stem + ending].to_numpy(dtype=np.float64, na_value=np.nan) for ending in endings.values()],
            np.nan,
        )
        for stem in stems
    }
    told = {stem + ending for stem in stems for ending in endings.values()}
    is_one = {f"is{ending}": (compound == number).astype(np.float64) for number, ending in endings.items()}
    rest = frame[[name for name in names if name not in told]].astype("float64")
    return rest.assign(**made, **is_one)


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
