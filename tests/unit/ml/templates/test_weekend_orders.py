"""The orders of a weekend beside the finish, by hand: qualifying before penalties, and best laps of the race."""

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.models import model
from pitwall.ml.templates import template
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.testing.worlds.tiny import tiny_tables

TABLES = tiny_tables(seasons=1, races=3, cars=6, upcoming=1)
RACE = 1


def changed(name, **columns):
    """Return the tables with other values in the lines of the first race, car by car."""
    lines = TABLES[name].copy()
    own = lines.index[lines["race_id"] == RACE][np.argsort(lines.loc[lines["race_id"] == RACE, "driver_id"])]
    for column, values in columns.items():
        lines.loc[own, column] = values
    return lines.astype(dict(TABLES[name].dtypes))


def order_of(name, **tables):
    """Return place and retired of the cars 1 to 6 in the first race."""
    return template(name).learned(TABLES.replace(**tables)).loc[RACE]


def test_qualifying_is_ordered_before_penalties():
    places = changed("qualifying", place=[3, 1, 2, 6, 4, 5])
    grid = changed("grid", grid=[1, 6, 2, 3, 4, 5])  # the quickest was sent to the back
    found = order_of("qualifying", qualifying=places, grid=grid)
    assert found["place"].tolist() == [3, 1, 2, 6, 4, 5]
    assert not found["retired"].any()
    label = template("qualifying").label(TABLES.replace(qualifying=places, grid=grid))
    assert label.loc[RACE].tolist() == [False, True, False, False, False, False]


def test_who_qualified_and_did_not_start_leaves_no_gap():
    """A car is entered if it starts: pole is the best place among those who were asked about."""
    places = changed("qualifying", place=[1, 2, 3, 4, 5, 6])
    results = changed("results", started=[False, True, True, True, True, True])
    found = order_of("qualifying", qualifying=places, results=results)
    assert found["place"].to_dict() == {2: 1, 3: 2, 4: 3, 5: 4, 6: 5}


def test_who_set_no_time_in_qualifying_fell_out_of_its_order():
    lines = changed("qualifying", place=[1, 2, 3, 4, 5, 6], q1=[80.0] * 5 + [np.nan])
    found = order_of("qualifying", qualifying=lines)
    assert found["retired"].to_dict() == {1: False, 2: False, 3: False, 4: False, 5: False, 6: True}


def test_a_race_whose_qualifying_is_not_recorded_is_not_asked_about():
    lines = TABLES["qualifying"]
    tables = TABLES.replace(qualifying=lines[lines["race_id"] != RACE])
    frame = model("qualifying").kind.spine(tables, "pre_qualifying")
    known, outcome = labelled("qualifying", frame, outcomes("qualifying", tables, frame))
    assert RACE not in set(known["race_id"])
    assert set(known["race_id"]) == {2}
    assert outcome["place"].groupby(known["race_id"]).apply(sorted).tolist() == [[1, 2, 3, 4, 5, 6]]


def test_best_laps_order_the_cars_and_the_recorded_rank_parts_equal_ones():
    results = changed(
        "results",
        place=[1, 2, 3, 4, 5, 6],
        fastest_lap=[84.0, 83.0, 83.0, 85.0, 86.0, 87.0],
        fastest_rank=[3, 2, 1, 4, 5, 6],
    )
    found = order_of("fastest_lap", results=results)
    assert found["place"].to_dict() == {1: 3, 2: 2, 3: 1, 4: 4, 5: 5, 6: 6}
    label = template("fastest_lap").label(TABLES.replace(results=results))
    assert label.loc[RACE].to_dict() == {1: False, 2: False, 3: True, 4: False, 5: False, 6: False}


def test_who_set_no_lap_stands_behind_all_others_as_they_finished():
    results = changed(
        "results",
        place=[1, 2, 3, 4, 6, 5],
        fastest_lap=[84.0, 83.0, 82.0, 85.0, np.nan, np.nan],
        fastest_rank=[3, 2, 1, 4, np.nan, np.nan],
    )
    found = order_of("fastest_lap", results=results)
    assert found["place"].to_dict() == {1: 3, 2: 2, 3: 1, 4: 4, 5: 6, 6: 5}
    assert found["retired"].to_dict() == {1: False, 2: False, 3: False, 4: False, 5: True, 6: True}


def test_a_race_without_recorded_laps_has_no_order_of_them():
    results = changed("results", fastest_lap=[np.nan] * 6, fastest_rank=[np.nan] * 6)
    assert RACE not in template("fastest_lap").learned(TABLES.replace(results=results)).index.get_level_values(0)


@pytest.mark.parametrize("name", ["qualifying", "fastest_lap"])
def test_a_correction_counts_from_when_it_was_published(name):
    """The newest version is what came true; a race to come has none."""
    table = "qualifying" if name == "qualifying" else "results"
    column = "place" if name == "qualifying" else "fastest_lap"
    lines = TABLES[table]
    own = lines[lines["race_id"] == RACE].sort_values("driver_id")
    later = own.assign(known_at=own["known_at"] + pd.Timedelta(days=3), **{column: own[column].to_numpy()[::-1]})
    before = template(name).learned(TABLES)["place"]
    after = template(name).learned(TABLES.replace(**{table: pd.concat([lines, later], ignore_index=True)}))["place"]
    assert after.loc[RACE].tolist() == before.loc[RACE].tolist()[::-1]
    assert after.loc[2].equals(before.loc[2])
    assert set(after.index.get_level_values("race_id")) == {1, 2}
