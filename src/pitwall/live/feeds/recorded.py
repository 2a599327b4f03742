"""The feed `recorded`: the events that somebody who followed a race wrote down, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.live.events import Item
from pitwall.live.feeds.machinery.feed import Feed, Wanted
from pitwall.live.feeds.machinery.of_tables import with_ticks
from pitwall.live.journal import read_journal


def tell(wanted: Wanted) -> Iterator[Item]:
    """Yield the events of a recording, in the order in which they came.

    Raises:
        UsageError: no file is named.
        LiveError: it is no recording, or one of another race.
    """
    if wanted.location is None:
        raise UsageError(
            "the source `recorded` reads a file; name it with --location FILE (what `--state FILE` wrote)."
        )
    yield from with_ticks(read_journal(Path(wanted.location), wanted.race.race.label).events)


FEED = Feed(name="recorded", summary="events that a live session wrote to a file", open=tell, open_ended=True)
