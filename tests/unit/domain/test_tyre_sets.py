"""How long a set of tyres was watched, and whether its end was seen: by hand, one car after the other."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.racing.tyre_sets import first_laps, laps_to_come


def car(driver, laps, *, distance=10):
    """Return the laps of one car: per lap (stint, compound, age of the tyres, into the pits), the last ones unfinished where it is None."""
    rows = [
        {
            "race_id": 1,
            "driver_id": driver,
            "lap": lap,
            "completed": told is not None,
            "stint": (told or last)[0],
            "compound": (told or last)[1],
            "tyre_laps": (told or last)[2] + (told is None),
            "pit_in_seconds": 1.0 if told is not None and told[3] else np.nan,
        }
        for lap, told in enumerate(laps, start=1)
        for last in [laps[lap - 2]]
    ]
    return pd.DataFrame(rows)


def stint(number, compound, laps, *, into=True, used=0):
    return [(number, compound, used + age, into and age == laps) for age in range(1, laps + 1)]


TO_THE_FLAG = stint(2, "HARD", 6, into=False)
CARS = {
    "stops, then the flag": (stint(1, "SOFT", 4) + TO_THE_FLAG, {1: (3, True, 8), 2: (4, False, 4)}),
    "retires on the road": ([*stint(1, "SOFT", 4, into=False), None], {1: (3, False, 8)}),
    "retires in the pit lane": (stint(1, "SOFT", 4), {1: (2, False, 8)}),
    "a penalty keeps the set": (
        [*stint(1, "SOFT", 3), (2, "SOFT", 4, False), (2, "SOFT", 5, True), *stint(3, "HARD", 5, into=False)],
        {1: (4, True, 8), 3: (3, False, 3)},
    ),
    "off again at once": (stint(1, "SOFT", 1) + stint(2, "HARD", 9, into=False), {2: (7, False, 7)}),
    "one lap before the flag": (stint(1, "SOFT", 9) + stint(2, "HARD", 1, into=False), {1: (8, True, 8), 2: None}),
}


@pytest.mark.parametrize("what", CARS)
def test_a_set_is_watched_until_it_comes_off_or_is_lost_to_sight(what):
    laps, expected = CARS[what]
    laps = pd.concat([car(1, laps), car(2, stint(1, "HARD", 10, into=False))], ignore_index=True)
    found = laps_to_come(laps, pd.Series(False, laps.index)).loc[(1, 1)]
    assert set(found.index) == set(expected) == set(first_laps(laps).query("driver_id == 1")["stint"])
    for number, told in expected.items():
        row = found.loc[number]
        assert np.isnan(row["laps"]) if told is None else tuple(row) == told


def test_a_red_flag_ends_what_is_seen_and_says_nothing_of_the_tyres():
    laps = car(1, stint(1, "SOFT", 4) + TO_THE_FLAG)
    found = laps_to_come(laps, laps["lap"] == 4).loc[(1, 1)]
    assert tuple(found.loc[1]) == (2, False, 8)
