"""The feed `replay`: any race of the project's lap tables, told again as it was told then, at any pace."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.live.answer import LiveError
from pitwall.live.events import Item
from pitwall.live.feeds.machinery.feed import Feed, Wanted
from pitwall.live.feeds.machinery.of_tables import events_of, with_ticks


def tell(wanted: Wanted) -> Iterator[Item]:
    """Yield the events of a race that was driven.

    Raises:
        LiveError: the data hold no laps of it.
    """
    if wanted.told["laps"].empty:
        race = wanted.race.race
        raise LiveError(
            f"the data hold no laps of {race.label}, {race.name}; choose a race with laps (`pitwall live races` lists them), or add a "
            "source of laps: `pitwall data use fastf1_laps --location PATH`."
        )
    yield from with_ticks(events_of(wanted.told))


FEED = Feed(name="replay", summary="a race of the project's laps, told again at any pace", open=tell)
