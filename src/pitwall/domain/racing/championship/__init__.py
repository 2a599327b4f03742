"""The championship's rules by season: `points` of a place, `counting` of results, `decisions` on single cases, `rules` of all of it."""

from pitwall.domain.racing.championship.points import PODIUM, points_places, points_system

__all__ = ["PODIUM", "points_places", "points_system"]
