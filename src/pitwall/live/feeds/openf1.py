"""The feed `openf1`: a race that is driven now, or was, asked for at OpenF1's REST API again and again.

Each poll asks for what may be new and tells what it has not told before. A server that does not answer is a silent feed and no error: the
clock goes on, and answers widen. docs/live.md says which parts of the API were not tried against the real one.
"""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.live.events import End, Item, Tick
from pitwall.live.feeds.machinery.feed import Feed, Wanted
from pitwall.live.feeds.machinery.openf1.client import Client
from pitwall.live.feeds.machinery.openf1.reader import Reader, cars_of
from pitwall.live.feeds.machinery.openf1.session import find_session

POLL_S = 12.0  # seconds in which each of five questions is asked once: everybody is allowed three a second and thirty a minute
AFTER_END_S = 120.0  # for so long late corrections are waited for


def tell(wanted: Wanted) -> Iterator[Item]:
    """Yield what the API tells of a race until it has ended.

    Raises:
        LiveError: the API has no such race, or none of its drivers is in the data.
    """
    client = Client(wanted.location, wait=wanted.options.get("wait"), now=wanted.options.get("now"))
    session = find_session(client, wanted.race.race)
    first = int(client.now() * 1e6)  # a session that goes on numbers above the one before
    reader = Reader(session, cars_of(client, session, wanted.race), first)
    every, over = float(wanted.options.get("poll_s", POLL_S)), float(wanted.options.get("after_end_s", AFTER_END_S))
    while True:
        rows = {}
        for name, since in (questions := reader.questions()).items():
            rows[name] = client.ask(name, session_key=session.key, **since)
            client.wait(every / len(questions))
        events = list(reader.read({name: told for name, told in rows.items() if told is not None}))
        yield from events
        now = reader.clock(client.now())
        if now is not None:
            yield Tick(now)
        if reader.ended_at is not None and client.now() - reader.heard_at > over and not events:
            yield End()
            return
        reader.heard_at = client.now() if events else reader.heard_at


FEED = Feed(
    name="openf1",
    summary="a race under way at OpenF1's REST API, polled; --location names another address",
    open=tell,
    by_itself=True,
    open_ended=True,
)
