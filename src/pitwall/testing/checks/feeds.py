"""The contract of a feed: it tells events of the form that is asked for, each with a number of its own, then an end; they make canonical rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from pitwall.domain.tables import SPECS
from pitwall.live.events import KINDS, TABLES, End, Event, Item, event_from_json
from pitwall.live.feeds import Feed, Wanted
from pitwall.live.race import LiveRace
from pitwall.live.state.ledger import Ledger
from pitwall.live.state.prefix import Prefix


def check_feed(feed: Feed, wanted: Wanted) -> Mapping[str, pd.DataFrame]:
    """Check a feed against its contract on one race, and return the tables that it makes.

    Args:
        feed: the plug-in.
        wanted: a race that it can tell.

    Raises:
        AssertionError: it breaks the contract; says where.
    """
    assert feed.name, "a feed has a name"
    assert feed.summary, f"{feed.name}: a feed says what it is"
    items = list(feed.open(wanted))
    _check_items(feed.name, items)
    return tables_of(wanted.race, items)


def tables_of(race: LiveRace, items: Iterable[Item]) -> Mapping[str, pd.DataFrame]:
    """Return the tables that events make, each valid against its schema."""
    ledger = Ledger()
    for item in items:
        if isinstance(item, Event):
            ledger.apply(item)
    made = Prefix(race, ledger).at(1e12)
    for name in TABLES:
        SPECS[name].schema().validate(made[name])
    return made


def _check_items(name: str, items: list[Item]) -> None:
    ends = [place for place, item in enumerate(items) if isinstance(item, End)]
    assert ends == [len(items) - 1], f"{name}: one end, after all else; found {len(ends)}"
    events = [item for item in items if isinstance(item, Event)]
    assert any(each.kind == "lap" for each in events), f"{name}: tells no lap"
    numbers = [each.sequence for each in events]
    assert len(set(numbers)) == len(numbers), f"{name}: two events have one place in the order of the source"
    for each in events:
        assert each.kind in KINDS, f"{name}: no such kind of event: {each.kind}"
        assert event_from_json(each.to_json()) == each, f"{name}: an event that does not survive JSON: {each}"
