"""Splits go forward in time, keep races whole, and hide the test labels."""

import pandas as pd
import pytest

from pitwall.domain.errors import StageError, UsageError
from pitwall.ml.training import splits
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def world():
    tables = tiny_tables(seasons=4, races=4, upcoming=2)
    frame = order_frame(tables)
    return tables, frame, splits.outcomes("order", tables, frame)


def test_an_unfinished_season_is_not_completed(world) -> None:
    assert splits.completed_seasons(world[0]) == [2021, 2022, 2023]


def test_a_race_that_was_passed_over_keeps_no_season_open(world) -> None:
    tables = world[0]
    never_run = tables.replace(results=tables["results"][tables["results"]["race_id"] != 6])
    assert splits.completed_seasons(never_run) == [2021, 2022, 2023]
    last = tables.replace(results=tables["results"][tables["results"]["race_id"] <= 11])
    assert splits.completed_seasons(last) == [2021, 2022]


def test_outcomes_align_and_are_null_for_a_race_not_run(world) -> None:
    _, frame, outcome = world
    assert outcome.index.equals(frame.index)
    open_rows = outcome["place"].isna()
    assert len(set(frame.loc[open_rows, "race_id"])) == 1
    places = outcome[~open_rows].groupby(frame["race_id"])["place"].apply(sorted)
    assert all(own == list(range(1, len(own) + 1)) for own in places)


def test_folds_go_forward_and_hide_labels(world) -> None:
    _, frame, outcome = world
    folds = list(splits.walk_forward("order", frame, outcome, [2022, 2023]))
    assert [fold.season for fold in folds] == [2022, 2023]
    for fold in folds:
        assert fold.train["season"].max() < fold.season
        assert set(fold.test["season"]) == {fold.season}
        assert not {"place", "retired"} & set(fold.test.columns)
        assert set(fold.train["race_id"]).isdisjoint(fold.test["race_id"])
        assert len(fold.train) == len(fold.outcome)


def test_a_season_without_a_past_is_refused(world) -> None:
    _, frame, outcome = world
    with pytest.raises(StageError, match="no race to learn from before season 2021"):
        list(splits.walk_forward("order", frame, outcome, [2021]))


@pytest.mark.parametrize(
    ("completed", "held", "tuned"),
    [
        (list(range(2010, 2020)), [2015, 2016, 2017, 2018, 2019], [2013, 2014]),
        (list(range(1994, 2020)), [2015, 2016, 2017, 2018, 2019], [2012, 2013, 2014]),
        ([2018, 2019], [2019], []),
    ],
)
def test_validation_precedes_the_held_out_seasons(completed, held, tuned) -> None:
    assert splits.held_out(completed, 5) == held
    assert splits.validation(completed, held, 3) == tuned


def test_one_season_is_too_few() -> None:
    with pytest.raises(StageError, match="at least two completed seasons, found 1"):
        splits.held_out([2020], 5)


def test_a_shuffled_k_fold_is_refused_with_its_reason() -> None:
    with pytest.raises(UsageError, match="learns from races after the ones it scores"):
        splits.shuffled_k_fold(pd.DataFrame(), folds=5)
