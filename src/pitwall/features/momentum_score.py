"""Momentum: the last five places, the newest weighing most. The example of a feature made of one plain function.

A place counts by the share of the field that it leaves behind, so that 20 and 26 cars compare; with fewer than five races
the weights of those that there are add up to one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.features.machinery.custom.history import HistoryFeature

WEIGHTS = np.array([0.35, 0.25, 0.20, 0.12, 0.08])  # newest race first


def momentum_score(history: pd.DataFrame) -> float:
    """Return the weighted mean of (field size + 1 - place) / field size over the last five races, newest first.

    Args:
        history: one driver's races so far, newest last.

    Example:
        >>> history = pd.DataFrame({"place": [11, 1], "field_size": [20, 20]})
        >>> round(momentum_score(history), 4)  # .5 and then 1.0, weighted 25 to 35
        0.7917
    """
    newest_first = slice(None, -len(WEIGHTS) - 1, -1)
    place, field_size = (history[column].to_numpy()[newest_first] for column in ("place", "field_size"))
    weights = WEIGHTS[: len(place)]
    return float(((field_size + 1 - place) / field_size) @ weights / weights.sum())


GROUP = HistoryFeature(
    name="momentum_score",
    function=momentum_score,
    unit="share of the field",
    meaning="weighted mean over the last five races of the share of the field not ahead, the newest race weighing most",
    null="has not started a race yet",
).group()
