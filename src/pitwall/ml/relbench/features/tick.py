"""A tick: the drivers who are asked about at one instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Named = dict[str, Array]


@dataclass(frozen=True)
class Tick:
    """Drivers asked about at one instant.

    Attributes:
        seed: the instant; the label's window begins there.
        drivers: (n,) ids, in the order of the answers.
        asked: (n,) share of the earlier ticks since the cut in which the same driver was asked about; None where the cut is the seed
            itself.
        newest: (n,) whether the tick before was one of them; None as above.
    """

    seed: pd.Timestamp
    drivers: Ids
    asked: Array | None = None
    newest: Array | None = None
