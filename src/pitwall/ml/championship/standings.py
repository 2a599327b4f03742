"""From scores to a table: which results count, and who stands before whom. The same functions serve one season and a million.

Level on points, more wins decide, then more second places, and so on; whoever is level in all of them shares the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pitwall.domain.racing.championship.counting import Best
from pitwall.domain.racing.championship.rules import shown
from pitwall.ml.championship.scores import Ints, Scores


@dataclass(frozen=True)
class Standing:
    """A line of a championship's table: `place` from 1 (equal for who is level in everything), `points`, `wins`."""

    who: int
    place: int
    points: float
    wins: int
    excluded: bool = False


def counted(points: Ints, best: Sequence[Best]) -> Ints:
    """Return the total that counts: ... x rounds -> ...

    Args:
        points: of each round.
        best: which results count; all where there is nothing.
    """
    if not best:
        return np.asarray(points.sum(axis=-1))
    return np.asarray(sum(_best_of(points[..., part.first - 1 : part.last], part.most) for part in best))


def _best_of(points: Ints, most: int) -> Ints:
    rounds = points.shape[-1]
    if rounds <= most:
        return np.asarray(points.sum(axis=-1))
    return np.asarray(np.partition(points, rounds - most, axis=-1)[..., rounds - most :].sum(axis=-1))


def totals(scores: Scores) -> Ints:
    """Return the points that count after decisions, in 84ths."""
    return np.asarray(counted(scores.points, scores.best) - scores.fewer, dtype=np.int64)


def table(scores: Scores) -> list[Standing]:
    """Return the table, champion first; those who are excluded last."""
    total = totals(scores)
    keys = np.concatenate([~scores.excluded[:, None], total[:, None], scores.finishes], axis=1).astype(np.int64)
    order = sorted(range(len(scores.who)), key=lambda row: (*(-keys[row]).tolist(), scores.who[row]))
    lines: list[Standing] = []
    for number, row in enumerate(order, start=1):
        level = bool(lines) and (keys[row] == keys[order[number - 2]]).all()
        place = lines[-1].place if level else number
        won = int(scores.finishes[row, 0])
        lines.append(Standing(scores.who[row], place, shown(int(total[row])), won, bool(scores.excluded[row])))
    return lines


def title_shares(total: Ints, finishes: Ints, out: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return each competitor's share of the title: 1 to a champion, equal parts to those who are level in everything.

    Args:
        total: seasons x competitors, points that count.
        finishes: seasons x competitors x places.
        out: competitors who cannot be champion.
    """
    alive = np.broadcast_to(~out, total.shape).copy()
    alive &= total == np.where(alive, total, np.iinfo(np.int64).min).max(axis=1, keepdims=True)
    for place in range(finishes.shape[2]):
        level = np.flatnonzero(alive.sum(axis=1) > 1)
        if not len(level):
            break
        own = np.where(alive[level], finishes[level, :, place], -1)
        alive[level] &= own == own.max(axis=1, keepdims=True)
    return np.asarray(alive / alive.sum(axis=1, keepdims=True))
