"""Rules of thumb for a title, made fair: chances that earlier seasons taught.

*Points leader*: how often whoever was first, second, ... in the table after that share of a season took the title. *Last champion*: how
often a champion's title was followed by another; the rest is shared by everybody else.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from _title_race import KINDS, Moment, Races, champion, ranked

from pitwall.domain.racing.championship.counting import FIRST_TEAM_TITLE

TENTHS = 10
FIRST = {"drivers": 1950, "teams": FIRST_TEAM_TITLE}


class Rules:
    """What earlier seasons say of titles.

    Args:
        races: of all seasons.
        seasons: complete ones, in order.
    """

    def __init__(self, races: Races, seasons: Iterable[int]) -> None:
        self._ranks: dict[str, list[tuple[int, int, int, int]]] = {kind: [] for kind in KINDS}
        self._champions: dict[str, dict[int, int]] = {kind: {} for kind in KINDS}
        for season in seasons:
            whole = races.season(season)
            for kind in KINDS:
                if season < FIRST[kind]:
                    continue
                won = self._champions[kind][season] = champion(whole, kind)
                for after in range(1, whole.after):
                    order = [each.who for each in ranked(whole.until(after), kind)]
                    rank = order.index(won) if won in order else len(order)
                    self._ranks[kind].append((season, _tenth(after / whole.rounds), rank, len(order)))

    def leader(self, moment: Moment, kind: str) -> float:
        """Return the chance that the table gives to who took the title at last; the season must have begun."""
        seen = [row for row in self._ranks[kind] if row[0] < moment.season and row[1] == _tenth(moment.share)]
        order = [each.who for each in ranked(moment.state, kind)]
        counts = np.full(len(order) + 1, 0.5 / len(order))  # half a season spread evenly, newcomers as one of them
        for _, _, rank, _ in seen:
            counts[min(rank, len(order))] += 1
        won = moment.champions[kind]
        return float(counts[order.index(won) if won in order else len(order)] / counts.sum())

    def last_champion(self, moment: Moment, kind: str) -> float:
        """Return the chance that the rule of the last champion gives to who took the title at last."""
        known = {season: who for season, who in self._champions[kind].items() if season < moment.season}
        pairs = [(known[season], known[season + 1]) for season in known if season + 1 in known]
        again = (sum(a == b for a, b in pairs) + 0.5) / (len(pairs) + 1.0)
        field = set(moment.field.drivers if kind == "drivers" else moment.field.teams) | set(moment.scores[kind].who)
        before, won = known.get(moment.season - 1), moment.champions[kind]
        if before not in field:
            return 1.0 / len(field)
        return again if won == before else (1.0 - again) / (len(field) - 1)


def _tenth(share: float) -> int:
    return min(int(share * TENTHS), TENTHS - 1)
