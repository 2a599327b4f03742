"""Where cars stand as the leader ends a lap, by hand: gaps, a car that stands still, one that has ended no lap."""

import pandas as pd
import pytest

from pitwall.features.machinery.shared.standings import standings
from pitwall.testing.worlds.driven import driven_race
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def rows():
    """Car 2 takes the lead on lap 3, car 3 stops after lap 1, car 4 is two seconds a lap slower."""
    tables = driven_race(tiny_tables(seasons=1, races=2, cars=4), [90, 90, 99], [91, 91, 90], [95], [92, 92, 92])
    found = standings(tables, 3, 5400.0)
    return found[found["race_id"] == 1].set_index(["lap", "driver_id"])


def test_only_who_has_ended_a_lap_is_told(rows):
    assert rows.loc[1].index.tolist() == [1]
    assert set(rows.loc[2].index) == {1, 2, 3, 4}


def test_gaps_are_those_of_the_newest_crossing_or_longer_where_it_is_due(rows):
    """As car 1 ends lap 2 at 180 s, the others have one lap: 1, 5 and 2 s behind it then."""
    assert rows.loc[2, "gap"].to_dict() == {1: 0.0, 2: 1.0, 3: 5.0, 4: 2.0}
    assert rows.loc[2, "place"].to_dict() == {1: 1.0, 2: 2.0, 4: 3.0, 3: 4.0}
    assert rows.loc[2, "overdue"].max() == 0.0


def test_a_car_that_does_not_come_falls_back_by_the_second(rows):
    """Car 2 leads lap 3 at 272 s; car 3 should have followed 4 s behind it at the end of lap 2, at 186 s."""
    assert rows.loc[(3, 3), "gap"] == 272 - 182
    assert rows.loc[(3, 3), "overdue"] == 272 - 186
    assert rows.loc[(3, 3), "missed"] == 1.0
    assert rows.loc[(3, 2), "place"] == 1.0 and rows.loc[(3, 3), "place"] == 4.0


def test_the_share_is_that_of_the_clock_where_no_race_was_held_before(rows):
    assert rows.loc[(2, 1), "share"] == pytest.approx(180 / 5400)


def test_rows_that_hang_on_a_lap_told_late_are_told_as_late_whatever_it_says():
    """Car 1 ended lap 2 first, at 180 s; a day later its line comes, with an end that cannot be."""
    tables = driven_race(tiny_tables(seasons=1, races=2, cars=4), [90, 90, 99], [91, 91, 90], [95], [92, 92, 92])
    laps = tables["laps"].copy()
    line = (laps["race_id"] == 1) & (laps["driver_id"] == 1) & (laps["lap"] == 2)
    laps.loc[line, "end_seconds"] *= 1e6
    laps.loc[line, "known_at"] += pd.Timedelta(days=1)
    late = laps.loc[line, "known_at"].iloc[0]
    rows = standings(tables.replace(laps=laps), 3, 5400.0)
    told = rows[rows["race_id"] == 1].groupby("lap")["known_at"].max()
    assert told[1] < late
    assert (told[2:] >= late).all()
