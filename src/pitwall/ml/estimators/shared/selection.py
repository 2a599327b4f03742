"""Which members an ensemble has, and how much each counts: greedy selection with replacement (Caruana and others 2004)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

Loss = Callable[[pd.DataFrame], float]


def selected(said: Mapping[str, pd.DataFrame], loss: Loss, picks: int) -> dict[str, float]:
    """Return the weight of each member that was picked at least once; weights sum to one.

    One member after the other is added to the mean, always the one with which it loses least, the same as often as it likes; where
    the mean lost least the picking ends. Members that are alike share a weight instead of being thrown out, and a few rows
    cannot carry a weight far, which free weights could.

    Args:
        said: member -> its answers about rows that it had not learned from, the same rows for all.
        loss: of an answer about these rows.
        picks: how often to pick.
    """
    names = sorted(said)
    values = {name: said[name].to_numpy(dtype=np.float64) for name in names}
    like = said[names[0]]

    def lost(total: np.ndarray) -> float:
        return loss(pd.DataFrame(total, index=like.index, columns=like.columns))

    total, picked = np.zeros(like.shape), list[str]()
    best, until = float("inf"), 0
    for pick in range(1, picks + 1):
        losses = {name: lost((total + values[name]) / pick) for name in names}
        name = min(names, key=lambda each: losses[each])
        total, picked = total + values[name], [*picked, name]
        if losses[name] < best:
            best, until = losses[name], pick
    kept = picked[:until]
    return {name: kept.count(name) / until for name in names if name in kept}
