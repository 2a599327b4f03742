"""Rows of sets of tyres, cut off at the end of the first lap on each, and of the compounds of a race, which are there before it."""

import pandas as pd
import pytest

from pitwall.domain.keys import LAP, RACE_COMPOUND, STINT
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.families.predictions import load_predictions, save_predictions
from pitwall.ml.rows import row_kind
from pitwall.testing.worlds.tiny import corrected, tiny_tables

MICROSECOND = pd.Timedelta(microseconds=1)


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=2, cars=4, upcoming=1)


@pytest.fixture(scope="module")
def stints(tables):
    return row_kind("stint").spine(tables, "in_race")


def test_a_set_is_asked_about_when_its_first_lap_has_ended(tables, stints):
    first = tables["laps"].query("completed").drop_duplicates(list(STINT)).set_index(list(STINT))
    assert len(stints) == len(first) > 4
    ended = first["event_timestamp"].loc[[tuple(key) for key in stints[list(STINT)].to_numpy()]]
    assert (stints["cutoff"] - MICROSECOND).tolist() == ended.tolist()


def test_a_set_that_was_kept_or_is_off_again_is_no_row(tables, stints):
    laps = tables["laps"]
    out = (laps["stint"] == 2) & laps["pit_out_seconds"].notna()
    kept = laps.assign(compound="MEDIUM", tyre_laps=laps["lap"] * 1.0)
    assert set(row_kind("stint").spine(tables.replace(laps=kept), "in_race")["stint"]) == {1}
    off = laps.assign(pit_in_seconds=laps["pit_in_seconds"].where(~out, laps["end_seconds"] - 2))
    assert set(row_kind("stint").spine(tables.replace(laps=off), "in_race")["stint"]) == {1}


def test_a_lap_that_is_told_again_moves_no_stint(tables, stints):
    later = tables["laps"]["known_at"].max() + pd.Timedelta(days=1)
    again = corrected(tables, "laps", lambda laps: laps["lap"] == 1, later, pit_out_seconds=50.0, end_seconds=200.0)
    assert row_kind("stint").spine(again, "in_race").equals(stints)


def test_every_race_has_three_compounds_before_it_also_one_to_come(tables):
    spine = row_kind("race_compound").spine(tables, "pre_race")
    assert spine.groupby("race_id")["compound_id"].apply(list).tolist() == [[1, 2, 3]] * len(tables["races"])
    assert spine["cutoff"].isin(tables["races"]["starts_at"]).all()


@pytest.mark.parametrize(
    ("name", "key", "stage"), [("race_compound", RACE_COMPOUND, "pre_race"), ("stint", STINT, "in_race")]
)
def test_fits_and_predictions_sort_rows_by_their_own_key(name, key, stage, tables, tmp_path):
    kind = row_kind(name)
    spine = kind.spine(tables, stage)
    mixed = spine.sample(frac=1.0, random_state=0)
    assert not mixed.index.equals(spine.index)
    value = pd.DataFrame({"value": mixed.index.to_numpy(float)}, index=mixed.index)
    frame, outcome = sorted_rows(mixed, value)
    assert frame[list(key)].equals(spine.sort_values(list(key), ignore_index=True)[list(key)])
    assert (spine.loc[outcome["value"].astype(int), list(key)].to_numpy() == frame[list(key)].to_numpy()).all()
    said = mixed[list(kind.said)].assign(estimator="m", role="model")
    save_predictions(said, tmp_path, kind)
    assert load_predictions(tmp_path)[list(kind.said)].equals(spine[list(kind.said)])


def test_laps_are_sorted_as_they_were_before_other_ids_counted():
    rows = pd.DataFrame(
        {"race_id": [2, 1, 1, 1], "driver_id": [1, 2, 1, 1], "lap": [1, 1, 2, 1], "constructor_id": [1, 0, 9, 5]}
    )
    assert sorted_rows(rows, rows)[0][list(LAP)].to_numpy().tolist() == [[1, 1, 1], [1, 1, 2], [1, 2, 1], [2, 1, 1]]
