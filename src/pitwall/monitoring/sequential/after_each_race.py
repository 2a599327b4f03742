"""The test: differences of two sides, race by race, and what each race entitles one to say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pitwall.domain.errors import UsageError
from pitwall.monitoring.sequential.capital import log_capital, told
from pitwall.monitoring.sequential.design import AHEAD, BEHIND, UNDECIDED, Design, Look
from pitwall.monitoring.sequential.interval import ends
from pitwall.monitoring.sequential.to_go import races_to_go


def looks(differences: Sequence[float], design: Design) -> list[Look]:
    """Return what is known after each race.

    Args:
        differences: one a race, in their order: loss of the side that stands minus loss of the challenger.
        design: as it was declared before the first of them.

    Raises:
        UsageError: a difference is not a finite number; names the race.
    """
    raw = _checked(differences)
    if not len(raw):
        return []
    scaled = np.clip(raw / design.bound, -1, 1)
    capital = log_capital(np.stack([scaled, -scaled]))
    e_values = told(capital)
    log_threshold = float(np.log(design.threshold))
    low, high = ends(scaled, log_threshold)
    verdict, after = first_crossing(capital[0], capital[1], log_threshold)
    count = np.arange(1, len(raw) + 1)
    mean, clipped = raw.cumsum() / count, scaled.cumsum() / count
    return [
        Look(
            races=races,
            mean=float(mean[at]),
            clipped=float(clipped[at] * design.bound),
            low=float(low[at] * design.bound),
            high=float(high[at] * design.bound),
            ahead=float(e_values[0, at]),
            behind=float(e_values[1, at]),
            verdict=verdict if (decided := after is not None and races >= after) else UNDECIDED,
            decided_after=after if decided else None,
            to_go=None if decided else races_to_go(np.sign(clipped[at]) * scaled[:races], log_threshold),
        )
        for at, races in enumerate(count.tolist())
    ]


def first_crossing(ahead: np.ndarray, behind: np.ndarray, log_threshold: float) -> tuple[str, int | None]:
    """Return the verdict that was reached first, and after how many races; `undecided` and None where none was."""
    crossed = np.stack([ahead, behind]) >= log_threshold
    if not crossed.any():
        return UNDECIDED, None
    after = int(crossed.any(axis=0).argmax())
    return (AHEAD if crossed[0, after] else BEHIND), after + 1


def _checked(differences: Sequence[float]) -> np.ndarray:
    raw = np.asarray(differences, dtype=np.float64)
    if len(wrong := np.flatnonzero(~np.isfinite(raw))):
        raise UsageError(
            f"the difference of race {wrong[0] + 1} is {raw[wrong[0]]}; expected a finite number. Leave out races that one side has no score of."
        )
    return raw
