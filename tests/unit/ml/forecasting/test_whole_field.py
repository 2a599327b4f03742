"""A field of which only a part was out is filled up and says so; a car or two may be missing, and a season may begin smaller."""

import pandas as pd
import pytest

from pitwall.ml.data.calendar import find_race
from pitwall.ml.forecasting.entrants import lineup
from pitwall.testing.worlds.forecasts import NEXT
from pitwall.testing.worlds.tiny import tiny_tables

SESSIONS = ("entries", "qualifying", "grid", "practice")
LAST = "2024-03"


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=4, races=6, cars=8, upcoming=3)


def cars_of(tables, label):
    race = find_race(tables, label, "pre_race")
    entries = tables["entries"]
    return entries[entries["race_id"] == race.race_id].sort_values("driver_id", ignore_index=True)


def known(tables, drivers, *without):
    """Return the tables in which sessions of the next race know some drivers only, and the race."""
    race = find_race(tables, NEXT, "pre_race").race_id
    left = {name: tables[name] for name in SESSIONS}
    left = {
        name: rows[(rows["race_id"] != race) | (rows["driver_id"].isin(drivers) & (name not in without))]
        for name, rows in left.items()
    }
    made = tables.replace(**left)
    return made, find_race(made, NEXT, "pre_race")


def test_the_seats_that_are_left_empty_go_to_who_drove_them_last(tables):
    last = cars_of(tables, LAST)
    some = last["driver_id"].tolist()[:3]
    for without, source in (((), "the grid"), (("grid",), "qualifying")):
        made = lineup(*known(tables, some, *without))
        assert made.cars["driver_id"].tolist() == last["driver_id"].tolist() and not made.recorded
        assert made.labels[0] == (
            f"{source} has 3 cars, the last race had {len(last)}: {len(last) - 3} drivers of that race are assumed in the "
            "seats that are left"
        )
    assert made.labels[1:] == (
        "no grid yet: the qualifying order stands in, without penalties",
        f"not qualified, so placed behind by driver id: {len(last) - 3} of {len(last)} cars",
    )
    assert sorted(made.grid.values()) == list(range(1, len(last) + 1))
    assert {made.grid[driver] for driver in some} == {1, 2, 3}


def test_who_is_not_on_a_part_of_a_grid_has_no_slot(tables):
    last = cars_of(tables, LAST)
    made = lineup(*known(tables, last["driver_id"].tolist()[:3]))
    assert made.grid is None and made.labels[-1] == f"no slot is known of {len(last) - 3} of {len(last)} cars"


def test_a_seat_that_somebody_else_has_taken_stays_taken(tables):
    last = cars_of(tables, LAST)
    (mine, yours), others = last["driver_id"].tolist()[:2], last["driver_id"].tolist()[2:]
    team = last["constructor_id"][0]
    assert last["constructor_id"][1] == team
    made, race = known(tables, [mine, *others[:1]])
    stranger = 99
    entries = made["entries"]
    own = (entries["race_id"] == race.race_id) & (entries["driver_id"] == others[0])
    moved = entries.assign(driver_id=entries["driver_id"].where(~own, stranger))
    moved.loc[own, "constructor_id"] = team
    cars = lineup(made.replace(entries=moved), race).cars
    assert {mine, stranger} < set(cars["driver_id"]) and yours not in set(cars["driver_id"])
    assert set(others) < set(cars["driver_id"])


def test_a_car_or_two_may_be_missing(tables):
    last = cars_of(tables, LAST)
    made = lineup(*known(tables, last["driver_id"].tolist()[2:]))
    assert len(made.cars) == len(last) - 2 and made.recorded
    assert made.labels == (f"the grid has {len(last) - 2} cars, the last race had {len(last)}",)


def test_a_season_may_begin_with_fewer_cars(tables):
    last = cars_of(tables, LAST)
    made, race = known(tables, last["driver_id"].tolist()[:3])
    races = made["races"]
    made = made.replace(races=races.assign(season=races["season"].where(races["race_id"] < race.race_id, 2025)))
    cut = lineup(made, find_race(made, NEXT.replace("2024", "2025"), "pre_race"))
    assert len(cut.cars) == 3 and cut.labels == (f"the grid has 3 cars, the last race had {len(last)}",)


def test_a_race_that_was_run_had_the_cars_that_it_had(tables):
    race = find_race(tables, LAST, "pre_race")
    entries = tables["entries"]
    few = entries[(entries["race_id"] != race.race_id) | (entries["driver_id"] <= 3)]
    made = lineup(tables.replace(entries=few), race)
    assert len(made.cars) <= 3 and not any("the last race had" in label for label in made.labels)


def test_a_field_that_grew_needs_no_word(tables):
    assert isinstance(cars_of(tables, NEXT), pd.DataFrame) and lineup(*known(tables, range(100))).labels == ()
