"""What a feed is: a name, what it takes, and one function that yields the events of a race until it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.live.events import Item
from pitwall.live.race import LiveRace


@dataclass(frozen=True)
class Wanted:
    """What is to be told.

    Attributes:
        race: that is followed.
        told: its live tables as the project has them, all versions; empty for a race to come.
        params: of the project.
        project: whose files may be read.
        location: an address or a file, for feeds that need one.
        options: further settings of a feed.
    """

    race: LiveRace
    told: Mapping[str, pd.DataFrame]
    params: Params
    project: Project
    location: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """One feed.

    Attributes:
        name: as in `--source`.
        summary: what it is, for people.
        open: yields events in the order in which the source says them, ticks of its clock where it says nothing, and an `End`.
        by_itself: it keeps time by itself, as a feed of a race that is driven now does; others are played at a pace of one's choice.
        open_ended: it can tell of a race that has no results yet.
    """

    name: str
    summary: str
    open: Callable[[Wanted], Iterator[Item]]
    by_itself: bool = False
    open_ended: bool = False
