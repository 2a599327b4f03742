"""Championship tables of the synthetic world."""

from __future__ import annotations

from collections import Counter, defaultdict


class Championship:
    """Counts points and wins of one season; ties are broken by better places, then by id."""

    def __init__(self) -> None:
        self.points: Counter[int] = Counter()
        self._places: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def add(self, who: int, points: int, place: int | None = None, sign: int = 1) -> None:
        """Add one car's points, and its place if it is one of a race; take them away with sign -1."""
        self.points[who] += sign * points
        if place is not None:
            self._places[who][place] += sign

    def rows(self) -> list[tuple[int, int, int, int]]:
        """Return (who, points, place, wins), champion first."""

        def rank(who: int) -> tuple[object, ...]:
            return (-self.points[who], tuple(-self._places[who][place] for place in range(1, 41)), who)

        order = sorted(self.points, key=rank)
        return [(who, self.points[who], place, self._places[who][1]) for place, who in enumerate(order, start=1)]
