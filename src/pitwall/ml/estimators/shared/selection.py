"""Which members an ensemble has, and how much each counts: greedy selection with replacement (Caruana and others 2004)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

Loss = Callable[[pd.DataFrame], float]


def greedy(names: Sequence[str], loss: Callable[[Sequence[str], str], float], picks: int) -> list[str]:
    """Return the members that were picked, as often as they were, up to where their mean lost least.

    One member after the other is added to the mean, always the one with which it loses least, the same as often as it likes.

    Args:
        names: who may be picked, sorted.
        loss: (picked so far, one more) -> of the mean of all of these.
        picks: how often to pick.
    """
    picked, best, until = list[str](), float("inf"), 0
    for pick in range(1, picks + 1):
        losses = {name: loss(picked, name) for name in names}
        name = min(names, key=lambda each: losses[each])
        picked.append(name)
        if losses[name] < best:
            best, until = losses[name], pick
    return picked[:until]


def selected(said: Mapping[str, pd.DataFrame], loss: Loss, picks: int) -> dict[str, float]:
    """Return the weight of each member that was picked at least once (see `greedy`); weights sum to one.

    Members that are alike share a weight instead of being thrown out, and a few rows cannot carry a weight far, which free weights could.

    Args:
        said: member -> its answers about rows that it had not learned from, the same rows for all.
        loss: of an answer about these rows.
        picks: how often to pick.
    """
    names = sorted(said)
    values = {name: said[name].to_numpy(dtype=np.float64) for name in names}
    like = said[names[0]]
    total, added = np.zeros(like.shape), 0

    def lost(picked: Sequence[str], name: str) -> float:
        nonlocal total, added
        if len(picked) > added:
            total, added = total + values[picked[-1]], len(picked)
        return loss(pd.DataFrame((total + values[name]) / (added + 1), index=like.index, columns=like.columns))

    kept = greedy(names, lost, picks)
    return {name: kept.count(name) / len(kept) for name in names if name in kept}
