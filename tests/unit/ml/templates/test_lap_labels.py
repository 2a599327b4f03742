"""Which laps have a label: green ones that a green one preceded."""

import pandas as pd
import pytest

from pitwall.domain.keys import LAP
from pitwall.features.machinery.shared.green import GREEN, lap_reasons
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.ml.templates._laps import next_green_laps
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=3, cars=4)


def deleted(tables, lap):
    laps = tables["laps"].copy()
    laps.loc[(laps["race_id"] == 1) & (laps["lap"] == lap), "deleted"] = True
    return tables.replace(laps=laps)


def test_only_a_green_lap_after_a_green_one_counts(tables):
    label = next_green_laps(tables)
    laps = completed_laps(tables)
    green = (lap_reasons(laps, tables, over=True) == GREEN).set_axis(pd.MultiIndex.from_frame(laps[list(LAP)]))
    assert list(label.index.names) == list(LAP)
    assert len(label) == len(laps)
    assert label.notna().sum() > 10
    for (race, driver, lap), seconds in label.items():
        counts = green[race, driver, lap] and green.get((race, driver, lap - 1), False)
        assert counts == (not pd.isna(seconds))
    assert label[3].isna().all()  # the wet race
    by_key = laps.set_index(list(LAP))["seconds"]
    pd.testing.assert_series_equal(label.dropna(), by_key[label.notna()], check_names=False)


def test_a_deletion_takes_its_lap_and_leaves_the_next(tables):
    before, after = next_green_laps(tables)[1], next_green_laps(deleted(tables, 4))[1]
    told = before.notna() & (before.index.get_level_values("lap") == 4)
    assert told.any()
    assert after[told].isna().all()
    pd.testing.assert_series_equal(after[~told], before[~told])  # lap 5 began after what looked like a green lap
