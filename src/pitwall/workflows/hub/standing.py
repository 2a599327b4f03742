"""How a shared version stands among the others: its rating, its downloads, and who leads this week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pitwall.domain.access.sharing import Badge
from pitwall.workflows.hub.receiving import Received

MOST_STARS = 5
WEIGHT = 5  # ratings that the mean of all counts as, in the average of each
NO_RATINGS = 3.0  # the middle of 1 to 5
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Standing:
    """A shared version among the others.

    Attributes:
        bundle: that it came in.
        rating: from 1 to 5, drawn towards the mean of all where few have rated.
        ratings: how many have.
        downloads: ever.
        this_week: downloads of the last seven days.
        mine: the stars that the one who asks gave; None where they gave none.
        badge: what came of training it again here; None where nobody has.
        own: whether it is the own model of the one who asks, which they may not rate.
    """

    bundle: Received
    rating: float
    ratings: int
    downloads: int
    this_week: int
    mine: int | None = None
    own: bool = False
    badge: Badge | None = None


def average(own: Sequence[int], everybody: Sequence[int]) -> float:
    """Return the rating of a version: its stars, and the mean of all ratings counted five times.

    Example:
        >>> average([5], [5, 1, 3]), average([], [])
        (3.3333333333333335, 3.0)
    """
    prior = sum(everybody) / len(everybody) if everybody else NO_RATINGS
    return (WEIGHT * prior + sum(own)) / (WEIGHT + len(own))


def in_order(found: Iterable[Standing]) -> list[Standing]:
    """Return versions by downloads of the last seven days, ties by rating, then by name and the newest first."""
    return sorted(
        found,
        key=lambda each: (
            -each.this_week,
            -each.rating,
            each.bundle.about.name,
            -each.bundle.about.version,
            each.bundle.hash,
        ),
    )
