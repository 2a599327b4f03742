"""What goes wrong between a race and whoever follows it: the same events late, twice, out of order, in gaps, coarse before fine.

Each takes the events of a race in order and returns them as they arrive. What they say of the race is the same in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from pitwall.live.events import Event

Events = list[Event]
SHUFFLED_S, DUPLICATED, GAP_S, FINE_AFTER_S = 30.0, 0.05, 600.0, 45.0


def in_order(events: Events, _seed: int) -> Events:
    """Return them as they are."""
    return events


def shuffled(events: Events, seed: int) -> Events:
    """Return each up to half a minute late, so that they overtake each other."""
    late = np.random.default_rng([seed, 1]).uniform(0, SHUFFLED_S, len(events))
    return _arriving(replace(each, published_s=each.published_s + by) for each, by in zip(events, late, strict=True))


def duplicated(events: Events, seed: int) -> Events:
    """Return one in twenty of them a second time, up to two minutes later."""
    rng = np.random.default_rng([seed, 2])
    chosen = np.flatnonzero(rng.random(len(events)) < DUPLICATED)
    again = [replace(events[number], published_s=events[number].published_s + rng.uniform(0, 120)) for number in chosen]
    return _arriving([*events, *again])


def gap(events: Events, seed: int) -> Events:
    """Return them with ten minutes in which nothing arrives; then all of it does at once."""
    racing = [each.published_s for each in events if each.published_s > 0]
    begins = float(np.random.default_rng([seed, 3]).uniform(0.2, 0.5)) * max(racing, default=0.0)
    ends = begins + GAP_S
    return _arriving(replace(each, published_s=ends) if begins < each.published_s < ends else each for each in events)


def coarse_then_fine(events: Events, _seed: int) -> Events:
    """Return laps and sectors rounded to a second at first; what they were comes three quarters of a minute later, as a correction."""
    first, found = len(events), list[Event]()
    for number, each in enumerate(events):
        rough = {
            name: float(round(value))
            for name, value in each.values.items()
            if name in _TIMES and each.kind in ("lap", "sector") and value is not None
        }
        found.append(replace(each, values={**each.values, **rough}))
        if rough:
            fine = {name: each.values[name] for name in rough}
            kind = "sector" if each.kind == "sector" else "lap"
            needed = {"end_seconds": each.values["end_seconds"]} if kind == "lap" else {}
            found.append(
                replace(
                    each,
                    kind=kind,
                    sequence=first + number,
                    published_s=each.published_s + FINE_AFTER_S,
                    values={**fine, **needed},
                )
            )
    return _arriving(found)


_TIMES = ("seconds", "sector_1", "sector_2", "sector_3")
DISTORTIONS: dict[str, Callable[[Events, int], Events]] = {
    "in order": in_order,
    "shuffled within 30 s": shuffled,
    "5 % duplicated": duplicated,
    "gap of 10 minutes and backfill": gap,
    "coarse, then fine sectors": coarse_then_fine,
}


def _arriving(events: Iterable[Event]) -> Events:
    return sorted(events, key=lambda each: (each.published_s, each.sequence))
