"""Which pit stops have a label: ordinary ones, by the number of the entry, with their official time."""

import pandas as pd
import pytest

from pitwall.domain.keys import STOP
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import template
from pitwall.testing.worlds.tiny import tiny_tables

LABEL = template("pit_stop").label


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=3, cars=6)


def with_seconds(tables, race, driver, seconds):
    stops = tables["pit_stops"].copy()
    own = (stops["race_id"] == race) & (stops["driver_id"] == driver)
    assert own.sum() == 1
    stops.loc[own, "seconds"] = seconds
    return tables.replace(pit_stops=stops)


def test_rows_and_labels_have_one_key_and_the_official_time(tables):
    label, spine = LABEL(tables), row_kind("stop").spine(tables, "in_race")
    assert list(label.index.names) == list(STOP)
    assert set(pd.MultiIndex.from_frame(spine[list(STOP)])) == set(label.index)
    official = tables["pit_stops"].set_index(list(STOP))["seconds"]
    known = label.dropna()
    assert len(known) > 4
    pd.testing.assert_series_equal(known, official[known.index], check_names=False)
    retired = label.index.difference(official.index)
    assert label[retired].isna().all()  # who never left the pits again has no time


def test_a_stop_far_from_those_of_its_race_has_none(tables):
    race, driver, _ = LABEL(tables).dropna().index[0]
    for seconds in (12.0, 40.0, 900.0, None):
        changed = LABEL(with_seconds(tables, race, driver, seconds))
        assert pd.isna(changed[race, driver, 1])
        assert changed.drop((race, driver, 1)).notna().sum() == LABEL(tables).notna().sum() - 1


def test_a_passage_on_the_same_tyres_has_none(tables):
    race, driver, _ = LABEL(tables).dropna().index[0]
    laps = tables["laps"].copy()
    own = (laps["race_id"] == race) & (laps["driver_id"] == driver)
    laps.loc[own, "compound"] = "HARD"
    laps.loc[own, "tyre_laps"] = laps.loc[own, "lap"].astype("float64")
    assert pd.isna(LABEL(tables.replace(laps=laps))[race, driver, 1])
