"""What has been told does not depend on order or repetition; a wrong clock moves no watermark; rounds follow the leader."""

from __future__ import annotations

import math
import random

import pytest

from pitwall.domain.errors import UnknownName
from pitwall.domain.sections.live import LiveParams
from pitwall.live.answer import LiveError
from pitwall.live.events import Event, Tick, event, event_from_json
from pitwall.live.state.ledger import Ledger
from pitwall.live.state.rounds import PER_SECTOR, Round, rounds
from pitwall.live.state.watermark import Watermark


def lap(driver: int, number: int, end: float, sequence: int, **said: object) -> Event:
    key = {"driver_id": driver, "lap": number}
    return event("lap", end, sequence, key, {"end_seconds": end, "start_seconds": end - 90, **said})


EVENTS = [
    lap(1, 1, 90.0, 0, seconds=90.0),
    event("sector", 30.0, 1, {"driver_id": 1, "lap": 1}, {"sector_1": 30.0}),
    lap(1, 1, 90.0, 2, seconds=90.5),  # a correction
    lap(2, 1, 92.0, 3),
    event("pit_in", 91.0, 4, {"driver_id": 2, "lap": 1}, {"pit_in_seconds": 91.0}),
    lap(2, 2, 181.0, 5),
    event("withdrawn", 185.0, 6, {"driver_id": 2, "lap": 2}, {"withdrawn": True}),
]


def told(events: list[Event]) -> dict[tuple[int, ...], dict[str, object]]:
    ledger = Ledger()
    for each in events:
        ledger.apply(each)
    return {key: row.said for key, row in ledger.rows["laps"].items()} | {(0,): dict(ledger.led)}


@pytest.mark.parametrize("seed", range(5))
def test_order_and_repetition_change_nothing(seed: int) -> None:
    again = [*EVENTS, *EVENTS]
    random.Random(seed).shuffle(again)
    assert told(again) == told(EVENTS)
    assert told(EVENTS)[1, 1]["seconds"] == 90.5


def test_a_change_says_from_when_on_answers_may_be_others() -> None:
    ledger = Ledger()
    changes = [ledger.apply(each) for each in EVENTS]
    assert changes == [90.0, 90.0, 90.0, 92.0, 92.0, 181.0, 181.0]
    assert ledger.apply(EVENTS[0]) is None
    assert ledger.apply(event("sector", 200.0, 9, {"driver_id": 1, "lap": 3}, {"sector_1": 30.0})) == math.inf
    assert [key for key, _ in ledger.known("laps", 1e9)] == [(1, 1), (2, 1)]


def test_a_wrong_clock_and_a_tick_move_no_watermark() -> None:
    clock = Watermark(LiveParams(lateness_s=10, skew_s=5))
    clock.see(lap(1, 1, 90.0, 0))
    clock.see(event("lap", 9e5, 1, {"driver_id": 2, "lap": 1}, {"end_seconds": 9e5}, published_s=91.0))
    clock.tick(Tick(133.0))
    assert (clock.value, clock.skewed, clock.silent_s) == (80.0, 1, 42.0)
    clock.closed = True
    assert clock.value == math.inf


def test_rounds_follow_the_first_car_and_the_last_one_gathers_the_rest() -> None:
    ledger = Ledger()
    for each in [lap(1, 1, 90.0, 0), lap(2, 1, 92.0, 1), lap(2, 2, 180.0, 2), lap(1, 2, 181.0, 3)]:
        ledger.apply(each)
    ledger.apply(event("sector", 120.0, 4, {"driver_id": 2, "lap": 2}, {"sector_1": 28.0}))
    assert rounds(ledger, 100.0) == [Round(90.0, 1)]
    assert rounds(ledger, 200.0, PER_SECTOR) == [Round(90.0, 1), Round(120.0, 1, 1), Round(180.0, 2)]
    assert rounds(ledger, math.inf)[-1] == Round(181.0, 2, 3)
    assert rounds(Ledger(), math.inf) == []
    for driver in (1, 2):
        ledger.apply(event("withdrawn", 190.0, 9, {"driver_id": driver, "lap": 2}, {"withdrawn": True}))
    assert [each.lap for each in rounds(ledger, math.inf)] == [1, 1]


def test_events_of_another_form_are_refused() -> None:
    key = {"driver_id": 1, "lap": 1}
    with pytest.raises(UnknownName, match="pit_in"):
        event("pit-in", 1.0, 0, key, {})
    with pytest.raises(LiveError, match="names its row by driver_id, lap"):
        event("lap", 1.0, 0, {"lap": 1}, {"end_seconds": 1.0})
    with pytest.raises(LiveError, match="says 'seconds'"):
        event("sector", 1.0, 0, key, {"seconds": 1.0})
    with pytest.raises(LiveError, match="must say end_seconds"):
        event("lap", 1.0, 0, key, {"end_seconds": None})
    with pytest.raises(LiveError, match="no instant"):
        event("lap", math.nan, 0, key, {"end_seconds": 1.0})
    assert event_from_json(EVENTS[2].to_json()) == EVENTS[2]
    with pytest.raises(LiveError, match="no event"):
        event_from_json({"kind": "lap"})
