"""What a pit stop is, checked by hand: passages of the pit lane, tyres that were kept, and stops that were ordinary."""

import numpy as np
import pandas as pd

from pitwall.domain.racing.pit_stops import entries, passages, recorded_stops

NOON = pd.Timestamp("2021-03-01 12:00", tz="UTC")


def laps(*rows):
    """Return laps of race 1: (driver, lap, pit_in, pit_out, compound, tyre_laps)."""
    frame = pd.DataFrame(
        rows, columns=["driver_id", "lap", "pit_in_seconds", "pit_out_seconds", "compound", "tyre_laps"]
    )
    known = NOON + pd.to_timedelta(frame["lap"], unit="min")
    return frame.assign(race_id=1, known_at=known).astype({"pit_in_seconds": float, "pit_out_seconds": float})


RACE = laps(
    (7, 1, None, None, "SOFT", 1.0),
    (7, 2, 100.0, None, "SOFT", 2.0),
    (7, 3, None, 122.5, "HARD", 1.0),  # new tyres
    (7, 4, 200.0, None, "HARD", 2.0),
    (7, 5, None, 217.0, "HARD", 3.0),  # the same ones: led through the lane
    (8, 2, 101.0, None, "SOFT", 2.0),
    (8, 4, None, 190.0, "HARD", 1.0),  # the lap after the entry is not there
    (9, 3, 150.0, None, "SOFT", 3.0),  # never left again
)


def stops(*rows):
    """Return recorded stops of race 1: (driver, stop, lap, seconds)."""
    return pd.DataFrame(rows, columns=["driver_id", "stop", "lap", "seconds"]).assign(race_id=1)


def test_entries_are_numbered_by_car_whatever_follows():
    found = entries(RACE)
    assert found[["driver_id", "lap", "stop"]].to_numpy().tolist() == [[7, 2, 1], [7, 4, 2], [8, 2, 1], [9, 3, 1]]
    later = RACE.assign(pit_in_seconds=np.nan, known_at=NOON + pd.Timedelta(days=900))
    pd.testing.assert_frame_equal(entries(pd.concat([later, RACE], ignore_index=True)), found)


def test_a_passage_is_an_entry_with_the_exit_of_the_next_lap():
    found = passages(RACE)
    assert found[["driver_id", "lap", "lane_seconds", "changed"]].to_numpy().tolist() == [
        [7, 2, 22.5, True],
        [7, 4, 17.0, False],
    ]
    assert found["known_at"].tolist() == [NOON + pd.Timedelta(minutes=3), NOON + pd.Timedelta(minutes=5)]


def test_tyres_count_as_changed_where_nobody_tells():
    assert passages(RACE.assign(compound=None))["changed"].all()
    assert passages(RACE.assign(tyre_laps=np.nan))["changed"].all()


def test_ordinary_stops_are_near_the_median_of_those_that_are_no_stoppage():
    told = stops(
        (7, 1, 2, 22.4),
        (7, 2, 4, 17.0),
        (8, 1, 2, 25.3),
        (9, 1, 3, 26.0),
        (6, 1, 3, 23.0),
        (5, 1, 9, 1800.0),
        (4, 1, 9, np.nan),
    )
    found = recorded_stops(told, RACE).set_index("driver_id")
    assert found.index.tolist() == [4, 5, 6, 7, 8, 9]  # the passage on the same tyres was none
    # the median of 22.4, 23.0, 25.3 and 26.0 is 24.15: neither the stoppage nor the passage moves it
    np.testing.assert_allclose(found["off"], [np.nan, np.nan, -1.15, -1.75, 1.15, 1.85])
    assert found["ordinary"].tolist() == [False, False, True, True, True, True]
    slow = recorded_stops(told.replace({26.0: 31.0}), RACE).set_index("driver_id")
    assert not slow.loc[9, "ordinary"]
