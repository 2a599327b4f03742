"""The true chances: shares of draws with their errors, the same again, kept by world; nobody knows those of real data."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.ml.evaluation import synthetic_truth as module
from pitwall.ml.evaluation.synthetic_truth import Truth, true_places, truth_of, world_hash, write_cheap
from pitwall.sources.synthetic import SyntheticSettings

SMALL = {"seasons": 2, "races": 3, "teams": 5}
DRAWS = 40


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    return Truth(SyntheticSettings(**SMALL), tmp_path_factory.mktemp("truth"), DRAWS)


@pytest.fixture(scope="module")
def places(truth):
    return true_places(truth, "pre_race", truth.races[:2])


def test_every_place_of_a_race_is_taken_once(places):
    columns = [name for name in places if name.startswith("place_")]
    for _, race in places.groupby("race_id"):
        block = race[columns].to_numpy()[:, : len(race)]
        assert np.allclose(block.sum(axis=0), 1)
        assert np.allclose(block.sum(axis=1), 1)


def test_win_and_podium_come_with_the_error_of_counting(places):
    assert np.allclose(places["win"], places["place_1"])
    assert np.allclose(places["podium"], places[["place_1", "place_2", "place_3"]].sum(axis=1))
    expected = np.sqrt(places["win"] * (1 - places["win"]) / DRAWS)
    assert np.allclose(places["win_error"], expected)
    assert (places["draws"] == DRAWS).all()


def test_the_error_says_how_far_another_count_may_lie(truth, places):
    again = true_places(Truth(truth.settings, truth.folder, 400), "pre_race", truth.races[:2])
    error = np.hypot(places["podium_error"], again["podium_error"])
    assert (np.abs(again["podium"] - places["podium"])[error > 0] / error[error > 0]).mean() < 2


def test_what_is_kept_is_not_counted_again_and_would_be_the_same(truth, places, tmp_path, monkeypatch):
    pd.testing.assert_frame_equal(
        true_places(Truth(truth.settings, tmp_path, DRAWS), "pre_race", truth.races[:2]), places
    )
    monkeypatch.setattr(module, "_count", lambda *_: pytest.fail("counted again"))
    pd.testing.assert_frame_equal(true_places(truth, "pre_race", truth.races[:2]), places)


def test_other_settings_are_another_world_in_a_folder_of_its_own(tmp_path):
    def folder(**values):
        return truth_of(Project(tmp_path), Params(sources={"synthetic": values})).folder

    assert folder(**SMALL) != folder(**SMALL, seed=11)
    assert folder(**SMALL).parent == tmp_path / "data" / "truth" / "synthetic"
    assert folder(**SMALL).name == world_hash(SyntheticSettings(**SMALL))


def test_nobody_knows_the_truth_of_real_data(tmp_path):
    assert truth_of(Project(tmp_path), Params(sources={"ergast": {"location": "x"}})) is None


def test_a_race_of_another_world_and_an_unknown_stage_are_told(truth):
    with pytest.raises(UsageError, match=r"1 races are none of this synthetic world \(first 7.*dvc repro"):
        true_places(truth, "pre_race", [7])
    with pytest.raises(UsageError, match="known at pre_weekend, pre_qualifying, pre_race; found the stage 'in_race'"):
        true_places(truth, "in_race")


def test_a_killed_process_is_told_and_what_was_finished_is_kept(truth, tmp_path):
    from concurrent.futures.process import BrokenProcessPool

    class Killed:
        def map(self, run, races):
            yield run(next(iter(races)))
            raise BrokenProcessPool

    other = Truth(truth.settings, tmp_path, 2)
    with pytest.raises(StageError, match="was killed"):
        true_places(other, "pre_race", truth.races[:2], pool=Killed())
    assert [path.stem for path in tmp_path.rglob("*.parquet")] == [str(truth.races[0])]


def test_progress_is_told(truth, tmp_path):
    told = []
    true_places(
        Truth(truth.settings, tmp_path, 2), "pre_weekend", truth.races[:2], on_progress=lambda *now: told.append(now)
    )
    assert told == [(1, 2), (2, 2)]


def test_pace_slopes_and_hazards_need_no_draws(truth):
    files = {path.stem: pd.read_parquet(path) for path in write_cheap(truth)}
    assert set(files) == {"pace", "tyres", "hazards"}
    assert files["hazards"]["breaks"].between(0, 1).all()
    assert (files["tyres"]["slope"] > 0).any()
    races = set(truth.races)
    assert all(set(table["race_id"]) == races for table in files.values())
