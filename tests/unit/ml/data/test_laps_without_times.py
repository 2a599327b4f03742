"""A lap whose time is not known: it says nothing of a car's pace, and nothing of when later laps ended."""

import pandas as pd
import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import empty_table
from pitwall.features import groups
from pitwall.ml.data.instants import lap_end
from pitwall.ml.data.calendar import find_race
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=3, cars=4)


def _of(tables, lap):
    laps = tables["lap_times"]
    first = laps.sort_values(["race_id", "driver_id", "lap"]).iloc[0]
    return (laps["race_id"] == first["race_id"]) & (laps["driver_id"] == first["driver_id"]) & (laps["lap"] == lap)


def test_pace_is_that_of_the_timed_laps(tables):
    group, laps = groups()["driver_teammate"], tables["lap_times"]
    lost = _of(tables, 3)
    untimed = tables.replace(lap_times=laps.assign(seconds=laps["seconds"].mask(lost)))
    absent = tables.replace(lap_times=laps[~lost])
    made, expected = (
        group.compute(each.only(*group.reads), group.Settings(), TimeParams()) for each in (untimed, absent)
    )
    pd.testing.assert_frame_equal(made, expected)
    assert len(made)


def test_laps_after_one_without_a_time_have_no_known_end(tables):
    laps = tables["lap_times"]
    race_id, driver_id = laps.loc[_of(tables, 3), ["race_id", "driver_id"]].iloc[0]
    label = tables["races"].set_index("race_id").loc[race_id]
    race = find_race(tables, f"{label['season']}-{label['round']:02}", "pre_race")
    tables = tables.replace(laps=empty_table("laps"))  # live timing would stamp them
    untimed = tables.replace(lap_times=laps.assign(seconds=laps["seconds"].mask(_of(tables, 3))))
    assert lap_end(untimed, race, driver_id, 2) == lap_end(tables, race, driver_id, 2)
    assert lap_end(tables, race, driver_id, 3) > race.starts_at
    for lap in (3, 4):
        with pytest.raises(UsageError, match=f"lap {lap} of this driver .* the data hold 2"):
            lap_end(untimed, race, driver_id, lap)
