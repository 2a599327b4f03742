"""In which races a safety car came out, and of which nobody can tell."""

import pandas as pd
import pytest

from pitwall.domain.racing.safety_cars import SINCE, out_so_far, safety_cars
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def world():
    """Five races without a feed; the list names a safety car in the second one and a red flag in the fourth."""
    tables = tiny_tables(seasons=1, races=5, cars=4)
    named = tables["race_control"].iloc[:1]
    red = named.assign(race_id=4, kind="red_flag")
    listed = pd.concat([named.assign(race_id=2), red], ignore_index=True)
    return tables.replace(race_control=listed, track_status=tables["track_status"].iloc[:0])


def feed(tables, race_id, *messages):
    """Return the tables with a feed of one race: (seconds, status) each."""
    one = tiny_tables(seasons=1, races=1, cars=2)["track_status"].iloc[:1]
    told = [
        one.assign(race_id=race_id, message=at, seconds=seconds, status=status)
        for at, (seconds, status) in enumerate(messages)
    ]
    return tables.replace(track_status=pd.concat([tables["track_status"], *told], ignore_index=True))


def said(series):
    return [None if value is pd.NA else bool(value) for value in series.sort_index()]


def test_silence_says_no_only_while_the_list_was_kept(world):
    assert said(safety_cars(world)) == [None, True, False, False, None]


def test_after_the_races_a_list_that_has_begun_is_taken_to_be_kept(world):
    assert said(out_so_far(world)) == [None, True, False, False, False]


def test_what_is_said_of_a_race_does_not_move_with_a_later_one(world):
    for last in range(1, 6):
        until = world.replace(
            **{name: world[name][world[name]["race_id"] <= last] for name in ("results", "race_control")}
        )
        assert said(out_so_far(until)) == said(out_so_far(world))[:last]


def test_a_feed_tells_of_races_that_no_list_covers(world):
    told = feed(feed(world, 1, (-600.0, "4"), (10.0, "1")), 5, (900.0, "4"))
    assert said(safety_cars(told)) == [False, True, False, False, True]


def test_a_virtual_safety_car_is_none(world):
    told = feed(world, 5, (900.0, "6"), (950.0, "7"))
    assert said(safety_cars(told))[-1] is False


def test_either_that_names_one_is_believed(world):
    assert said(safety_cars(feed(world, 2, (0.0, "1"))))[1] is True
    assert said(safety_cars(feed(world, 3, (50.0, "4"))))[2] is True


def test_before_the_regulations_had_one_nobody_can_tell(world):
    races = world["races"].assign(season=SINCE - 1)
    assert said(safety_cars(world.replace(races=races))) == [None] * 5


def test_a_race_without_results_is_absent():
    tables = tiny_tables(seasons=1, races=3, cars=4, upcoming=1)
    assert set(safety_cars(tables).index) == {1, 2}
