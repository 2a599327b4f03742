"""The queue waits instead of losing, errors of a feed reach the session, a journal survives a kill, the hand holds the pace."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.domain.errors import UsageError
from pitwall.live.answer import LiveError
from pitwall.live.control import Control, paced
from pitwall.live.events import End, Item, Tick, event
from pitwall.live.intake import taken
from pitwall.live.journal import Journal, digest, read_journal

EVENT = event("weather", 60.0, 3, {"sample": 1}, {"seconds": 60.0, "rainfall": None})


def test_a_full_queue_makes_the_feed_wait_and_nothing_is_lost() -> None:
    read: list[float] = []
    first = threading.Event()

    def feed() -> Iterator[Item]:
        for number in range(50):
            read.append(number)
            yield Tick(number)

    got: list[Item] = []
    for portion in taken(feed(), 3, Control()):
        if not first.is_set():
            first.set()
            assert len(read) <= 50
        got += portion
    assert got == [*map(Tick, range(50)), End()]


def test_a_feed_ahead_of_a_reader_that_does_not_read_stops_at_the_size_of_the_queue() -> None:
    read: list[int] = []
    third = threading.Event()

    def feed() -> Iterator[Item]:
        for number in range(1000):
            read.append(number)
            if number == 6:
                third.set()
            yield Tick(number)

    portions = taken(feed(), 3, hand := Control())
    next(portions)
    hand.stop()
    third.wait(1.0)
    assert len(read) < 1000
    portions.close()  # type: ignore[attr-defined]


def test_an_error_of_the_feed_is_raised_where_it_is_read() -> None:
    def feed() -> Iterator[Item]:
        yield Tick(1.0)
        raise LiveError("the feed broke")

    with pytest.raises(LiveError, match="broke"):
        list(taken(feed(), 3, Control()))


def test_a_journal_is_read_again_without_a_torn_last_line(tmp_path: Path) -> None:
    path = tmp_path / "live" / "state.jsonl"
    journal = Journal(path, "2023-12", "replay")
    journal.hear([EVENT])
    journal.tell(4, 0, 2, "abc")
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"lap": 5, "sec')
    again = Journal(path, "2023-12", "replay")
    assert (again.heard.events, again.heard.told) == ([EVENT], {(4, 0): (2, "abc")})
    again.close()
    assert path.read_bytes() == whole


def test_a_journal_that_cannot_be_gone_on_from_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    journal = Journal(path, "2023-12", "replay")
    journal.hear([EVENT])
    journal.close()
    with pytest.raises(LiveError, match="of the race 2023-12; asked for 2023-13"):
        read_journal(path, "2023-13")
    with pytest.raises(LiveError, match="told by replay; asked for openf1"):
        Journal(path, "2023-12", "openf1")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"{ damaged\n" + lines[1])
    with pytest.raises(LiveError, match="line 2 is damaged"):
        read_journal(path, "2023-12")
    path.write_text('{"format": 99, "race": "2023-12"}\n')
    with pytest.raises(LiveError, match="format 99"):
        read_journal(path, "2023-12")
    with pytest.raises(LiveError, match="cannot be read"):
        read_journal(tmp_path / "none", "2023-12")


def test_the_hash_of_what_was_said_sees_the_last_bit() -> None:
    assert digest({"m": {(1, 2): (0.1 + 0.2,)}}) != digest({"m": {(1, 2): (0.3,)}})


def test_a_stopped_hand_ends_the_feed_and_a_wrong_speed_is_refused() -> None:
    hand = Control(speed=1e9)
    items = paced(iter([Tick(0.0), Tick(10.0), Tick(20.0)]), hand)
    assert next(items) == Tick(0.0)
    hand.stop()
    assert list(items) == []
    with pytest.raises(UsageError, match="above 0"):
        Control(speed=0)
