"""Decisions of stewards and courts that a championship table holds beside its results, as data.

A driver or a car that was disqualified from a race needs none: the result itself says it (Tyrrell in 1984, for example).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DRIVERS, TEAMS = "drivers", "teams"


@dataclass(frozen=True)
class Decision:
    """What was decided about a driver or a constructor.

    Attributes:
        season: of the championship.
        table: `drivers` or `teams`.
        ref: of the driver or constructor in the data.
        since: the round after which tables show it.
        why: in a few words.
        fewer: points taken away.
        void: rounds whose points do not count.
        excluded: whether they stand behind everybody else.
    """

    season: int
    table: str
    ref: str
    since: int
    why: str
    fewer: int = 0
    void: frozenset[int] = field(default_factory=frozenset)
    excluded: bool = False


DECISIONS = (
    Decision(1997, DRIVERS, "michael_schumacher", 17, "excluded for the collision at Jerez", excluded=True),
    Decision(2007, TEAMS, "mclaren", 11, "no points for the hindrance in qualifying at Budapest", void=frozenset({11})),
    Decision(2007, TEAMS, "mclaren", 14, "excluded for holding data of Ferrari", excluded=True),
    Decision(2018, TEAMS, "force_india", 13, "entered anew by its buyer", void=frozenset(range(1, 13))),
    Decision(2020, TEAMS, "racing_point", 5, "brake ducts copied from Mercedes", fewer=15),
)


def decisions(season: int, table: str, after: int) -> Mapping[str, tuple[Decision, ...]]:
    """Return what had been decided after a round, by reference of whom it is about.

    Args:
        season: of the championship.
        table: `drivers` or `teams`.
        after: the last round that was run.
    """
    found: dict[str, tuple[Decision, ...]] = {}
    for each in DECISIONS:
        if (each.season, each.table) == (season, table) and each.since <= after:
            found[each.ref] = (*found.get(each.ref, ()), each)
    return found
