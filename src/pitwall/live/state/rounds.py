"""The instants at which a race is asked about: each time the leader ends a lap, or a sector, and once more when the feed has ended.

A round asks about every row that was cut off since the round before it. So a row is asked once, with the same others as ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import zip_longest

from pitwall.domain.errors import UnknownName
from pitwall.live.state.ledger import Ledger

PER_LAP, PER_SECTOR = "per_lap", "per_sector"
EVERY = (PER_LAP, PER_SECTOR)
LAST = 3


@dataclass(frozen=True, order=True)
class Round:
    """One instant at which the race is asked about.

    Attributes:
        at_s: seconds of the race clock.
        lap: completed by the leader then.
        sector: of the lap after it that has just ended; 0 at the end of a lap, `LAST` where the feed has ended.
    """

    at_s: float
    lap: int
    sector: int = 0

    @property
    def last(self) -> bool:
        """Whether the feed has ended, and this round gathers what is left."""
        return self.sector == LAST


def check_every(every: str) -> str:
    """Return how often to ask; raise UnknownName where it is none of `EVERY`."""
    if every not in EVERY:
        raise UnknownName("update frequency", every, EVERY)
    return every


def rounds(ledger: Ledger, until: float, every: str = PER_LAP) -> list[Round]:
    """Return the rounds whose instant has come, in order; of several at one instant the last one.

    Args:
        ledger: what has been told.
        until: seconds of the race clock; when infinite, the feed has ended and the last round gathers what is left.
        every: one of `EVERY`.
    """
    found = [Round(at, lap) for lap, at in ledger.led.items() if math.isfinite(at)]
    if every == PER_SECTOR:
        found += [
            Round(min(cars.values()), lap - 1, sector)
            for (lap, sector), cars in ledger.sectors.items()
            if sector < LAST
        ]
    due = sorted(each for each in found if each.at_s <= until)
    kept = [each for each, later in zip_longest(due, due[1:]) if later is None or later.at_s > each.at_s]
    if math.isinf(until) and kept:
        last = max((row.instant("laps") for _, row in ledger.known("laps", 1e12)), default=0.0)
        kept.append(Round(max(last, kept[-1].at_s), kept[-1].lap, LAST))
    return kept
