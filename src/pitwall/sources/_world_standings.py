"""Points and championship tables of the synthetic world."""

from __future__ import annotations

from collections import Counter, defaultdict

POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)


class Championship:
    """Counts points and wins of one season; ties are broken by better places, then by id."""

    def __init__(self) -> None:
        self.points: Counter[int] = Counter()
        self.wins: Counter[int] = Counter()
        self._places: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def add(self, who: int, place: int, points: int) -> None:
        """Add one car's result."""
        self.points[who] += points
        self.wins[who] += place == 1
        self._places[who][place] += 1

    def rows(self) -> list[tuple[int, int, int, int]]:
        """Return (who, points, place, wins), champion first."""

        def rank(who: int) -> tuple[object, ...]:
            return (-self.points[who], tuple(-self._places[who][place] for place in range(1, 41)), who)

        order = sorted(self.points, key=rank)
        return [(who, self.points[who], place, self.wins[who]) for place, who in enumerate(order, start=1)]
