"""A feed that falls silent is spoken of while the race is on, and not after the flag."""

import pytest

from pitwall.domain.sections.live import LiveParams
from pitwall.live.events import TABLES, Tick
from pitwall.live.feeds.machinery.of_tables import events_of
from pitwall.live.follow import Follower
from pitwall.live.race import live_race
from pitwall.live.state.board import FINISHED
from pitwall.testing import tiny_tables


@pytest.mark.parametrize("flag", [True, False])
def test_silence_is_spoken_of_until_the_flag(flag):
    tables = tiny_tables(seasons=1, races=2, cars=4)
    race = live_race(tables, "2021-02")
    told = {name: tables[name][tables[name]["race_id"] == race.race.race_id] for name in TABLES}
    ended = told["session_status"]["status"].isin(FINISHED)
    assert ended.any()
    events = events_of(told if flag else {**told, "session_status": told["session_status"][~ended]})
    follower = Follower(race, (), None, LiveParams(), "replay")
    follower.take(events)
    assert list(follower.due())
    follower.take([Tick(max(each.published_s for each in events) + 100.0)])
    assert [each.notes for each in follower.due()] == ([] if flag else [("feed silent for 100 s",)])
