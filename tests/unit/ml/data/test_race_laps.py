"""A race as its laps tell it: gaps, stints, free laps, neutralised ones, and cars that never came round; from either table of laps."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import UsageError
from pitwall.ml.data.calendar import find_race
from pitwall.ml.data.race_laps import story
from pitwall.ml.data.race_laps.driven import COLUMNS, READS, driven_laps
from pitwall.testing.worlds.tiny import tiny_tables

TABLES = tiny_tables(seasons=2, races=3, cars=6, upcoming=1).only(*READS).as_of()
RACE = find_race(TABLES, "2021-02", "pre_race")


def laps_of(*rows):
    """Return laps of (driver, lap, clock, status, pit)."""
    made = pd.DataFrame(rows, columns=["driver_id", "lap", "clock", "status", "pit"])
    seconds = made.groupby("driver_id")["clock"].diff().fillna(made["clock"])
    return made.assign(seconds=seconds, stint=1.0, compound="SOFT", tyre_laps=made["lap"] + 2.0)


LAPS = laps_of(
    (1, 1, 90.0, "1", False),
    (1, 2, 180.0, "1", False),
    (1, 3, 300.0, "4", True),
    (1, 4, 400.0, "671", False),
    (2, 1, 95.0, "12", False),
    (2, 2, 179.0, "1", False),
    (2, 3, np.nan, "1", False),
)


def test_the_gap_is_to_the_first_car_that_has_come_round_as_often():
    gap = story.with_gaps(LAPS)["gap"]
    assert gap.tolist()[:6] == [0.0, 1.0, 0.0, 0.0, 5.0, 0.0]
    assert np.isnan(gap.iloc[6])


def test_free_laps_are_neither_the_first_nor_neutralised_nor_to_the_pit():
    free = story.free_laps(LAPS)
    assert LAPS[free][["driver_id", "lap"]].values.tolist() == [[1, 2], [2, 2]]
    found = story.pace(LAPS)
    assert found["driver_id"].tolist() == [2, 1]
    assert found["median"].tolist() == [84.0, 90.0]
    assert found["laps"].tolist() == [1, 1]


def test_a_lap_is_neutralised_as_the_first_car_saw_it():
    assert story.neutralised(LAPS) == {3: "safety car", 4: "virtual safety car"}
    red = LAPS.assign(status=LAPS["status"].replace("4", "456"))
    assert story.neutralised(red)[3] == "red flag"


def test_a_stint_says_its_laps_and_what_its_set_had_run_before():
    second = LAPS["driver_id"].eq(1) & LAPS["lap"].gt(3)
    stints = story.stints(LAPS.assign(stint=np.where(second, 2.0, 1.0)))
    assert stints[["driver_id", "first", "last", "laps", "used_laps"]].values.tolist() == [
        [1, 1, 3, 3, 2],
        [1, 4, 4, 1, 5],
        [2, 1, 3, 3, 2],
    ]
    assert story.stints(LAPS.assign(stint=np.nan)).empty, "where nobody wrote stops down there are no stints to tell"


def test_both_tables_of_laps_give_the_same_race():
    feed = driven_laps(TABLES, RACE)
    times = driven_laps(TABLES.replace(laps=TABLES["laps"].iloc[:0]), RACE)
    assert list(feed) == list(times) == list(COLUMNS)
    assert feed[["driver_id", "lap", "place"]].equals(times[["driver_id", "lap", "place"]])
    last = TABLES["laps"]["race_id"].eq(RACE.race_id) & TABLES["laps"]["lap"].eq(feed["lap"].max())
    stopped_early = TABLES["laps"].assign(completed=~last)
    assert len(driven_laps(TABLES.replace(laps=stopped_early), RACE)) == len(feed) - last.sum()
    assert feed["pit"].any()
    assert set(feed["stint"]) == {1.0, 2.0}
    stopped = feed.loc[feed["pit"], "driver_id"].unique()
    assert (feed[feed["driver_id"].isin(stopped)].groupby("driver_id")["pit"].sum() <= 2).all()
    assert times["compound"].isna().all()


def test_a_clock_is_not_known_beyond_a_lap_without_a_time():
    times = TABLES["lap_times"]
    own = times["race_id"].eq(RACE.race_id)
    hole = times[own]["driver_id"].iloc[0]
    cut = times.assign(seconds=times["seconds"].where(~(own & times["driver_id"].eq(hole) & times["lap"].eq(3))))
    laps = driven_laps(TABLES.replace(laps=TABLES["laps"].iloc[:0], lap_times=cut), RACE)
    clock = laps[laps["driver_id"] == hole].set_index("lap")["clock"]
    assert clock[[1, 2]].notna().all()
    assert clock.loc[3:].isna().all()
    others = laps[laps["driver_id"] != hole]
    assert others["clock"].notna().all()


def test_stops_that_nobody_wrote_down_are_not_none():
    bare = TABLES.replace(laps=TABLES["laps"].iloc[:0], pit_stops=TABLES["pit_stops"].iloc[:0])
    laps = driven_laps(bare, RACE)
    assert laps["stint"].isna().all()
    assert laps["pit"].isna().all()
    assert story.free_laps(laps).any()


def test_race_control_neutralises_laps_where_there_is_no_feed():
    said = {"race_id": RACE.race_id, "kind": ["safety_car", "red_flag"], "lap": [2, 6], "until_lap": [4.0, np.nan]}
    control = pd.DataFrame(said)
    laps = driven_laps(TABLES.replace(laps=TABLES["laps"].iloc[:0], race_control=control), RACE)
    assert story.neutralised(laps) == {2: "safety car", 3: "safety car", 4: "safety car", 6: "red flag"}


def test_a_car_that_never_came_round_is_there_and_a_surname_stands_for_a_code_that_lacks():
    feed = driven_laps(TABLES, RACE)
    gone = int(feed["driver_id"].iloc[0])
    cars = story.cars(TABLES, RACE.race_id, feed[feed["driver_id"] != gone])
    assert cars.set_index("driver_id").loc[gone, "laps"] == 0
    assert cars["place"].is_monotonic_increasing
    assert cars.groupby("team_rank")["second"].sum().tolist() == [1] * cars["team_rank"].nunique()
    drivers = TABLES["drivers"].sort_values("driver_id")
    names = ["Ada Low", "Anna Low", "Bo Low", "Cy High", *drivers["name"][4:]]
    named = story.cars(TABLES.replace(drivers=drivers.assign(code=pd.NA, name=names)), RACE.race_id, feed)
    said = named.set_index("driver_id")["label"].reindex(drivers["driver_id"][:4]).tolist()
    assert said == ["Ada Low", "Anna Low", "B. Low", "High"], "as short as tells all apart"
    assert named["label"].is_unique


def test_without_laps_the_races_that_have_some_are_named():
    none = TABLES.replace(laps=TABLES["laps"].iloc[:0], lap_times=TABLES["lap_times"].iloc[:0])
    with pytest.raises(UsageError, match="hold none of any race; `pitwall data use fastf1_laps"):
        driven_laps(none, RACE)
    open_race = find_race(TABLES, "2022-03", "pre_race")
    with pytest.raises(UsageError, match=r"no laps of 2022-03 .* not been run.* Races that have laps: 2022-01, 2022-02\."):
        driven_laps(TABLES, open_race)
