"""The backtest engine: what a worker sees, what is fitted again, and what happens when a fit or a worker dies."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError, UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.backtest import plan as planning
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.fold import predict_fold, settled
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.scores import score
from pitwall.ml.estimators import FitInput, estimators
from pitwall.ml.training.walk_forward import predict_seasons
from pitwall.testing.worlds.backtest import FATAL, NAME, Peeker, failing, killed, tiny_project
from pitwall.testing.worlds.tiny import tiny_tables

SEASONS = [2023, 2024]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return tiny_project(tmp_path_factory.mktemp("built"))


@pytest.fixture
def home(built, tmp_path):
    shutil.copytree(built[0].root, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path), built[1]


def plan_of(home, **wishes):
    project, params = home
    return make_plan(project, params, "pre_race", **{"seasons": SEASONS, "only": ["championship_order"], **wishes})


class Counted:
    """A fit that remembers what it was asked for."""

    def __init__(self):
        self.labels = []

    def __call__(self, task):
        self.labels.append(task.label)
        return predict_fold(task)


def run(plan):
    fit = Counted()
    made = forecast_seasons(plan, workers=0, fit=fit)
    return made, sorted(fit.labels)


def test_the_forecasts_are_those_of_a_plain_walk_forward_loop(home):
    plan = plan_of(home)
    made, _ = run(plan)
    for entrant in plan.entrants:
        plain = predict_seasons(entrant.recipe, plan.frame, plan.outcome, SEASONS)
        own = made.predictions[made.predictions["estimator"] == entrant.name].reset_index(drop=True)
        pd.testing.assert_frame_equal(own.drop(columns="role"), plain.drop(columns="role"))
    assert dict(zip(made.predictions["estimator"], made.predictions["role"], strict=True)) == {
        "grid_frequency": "model",
        "championship_order": "baseline",
    }


def test_processes_and_this_process_give_the_same_forecasts(home):
    plan = plan_of(home)
    here = forecast_seasons(plan, workers=0)
    (plan.job.project.state / "backtest").rename(plan.job.project.state / "aside")
    there = forecast_seasons(plan, workers=2)
    assert there.cached == 0
    pd.testing.assert_frame_equal(here.predictions, there.predictions)


def test_an_estimator_that_peeks_finds_nothing(home, monkeypatch):
    known = {**estimators("order"), "peeker": Peeker()}
    monkeypatch.setattr("pitwall.ml.estimators.estimators", lambda _family: known)
    monkeypatch.setattr(planning, "estimators", lambda _family: known)
    plan = plan_of(home, only=["peeker"])
    made = forecast_seasons(plan, workers=0)
    loss = score(made).per_race["race_winner"]["peeker"]["log_loss"]
    assert np.allclose(loss, np.log(12))
    peeker = next(entrant for entrant in plan.entrants if entrant.name == "peeker")
    task = plan.task(peeker, 2024)
    seen = Peeker().fit(FitInput(task.train, task.outcome, {}, 0))
    assert np.allclose(seen.positions(task.train).max(axis=1), 1.0), "on the past the peeker does find the outcome"
    assert set(task.train["season"]) == {2021, 2022, 2023}
    assert set(task.test["season"]) == {2024}
    assert not {"place", "retired"} & set(task.test)


def test_a_second_run_fits_nothing(home):
    first, fitted = run(plan_of(home))
    second, again = run(plan_of(home))
    assert (len(fitted), again, second.cached) == (4, [], 4)
    pd.testing.assert_frame_equal(first.predictions, second.predictions)
    pd.testing.assert_frame_equal(first.shuffled, second.shuffled)


def test_a_changed_feature_fits_again_what_reads_it_and_what_comes_after_it(home):
    run(plan_of(home))
    path = home[0].frame(NAME)
    frame = pd.read_parquet(path)
    frame.loc[frame["season"] == 2024, "grid"] = frame.loc[frame["season"] == 2024, "grid"].iloc[::-1].to_numpy()
    frame.to_parquet(path, index=False)
    assert run(plan_of(home))[1] == ["grid_frequency 2024"]
    frame.loc[frame["season"] == 2022, "championship_place"] += 1.0
    frame.to_parquet(path, index=False)
    assert run(plan_of(home))[1] == ["championship_order 2023", "championship_order 2024"]


def test_a_changed_result_fits_again_what_learns_from_it(home):
    run(plan_of(home))
    tables = tiny_tables(seasons=4, races=6, cars=12)
    results = tables["results"].copy()
    race = results["race_id"] == results["race_id"].max() - 6  # the last race of 2023
    results.loc[race, "place"] = results.loc[race, "place"].to_numpy()[::-1]
    save_tables(tables.replace(results=results), home[0].tables)
    assert run(plan_of(home))[1] == ["championship_order 2024", "grid_frequency 2024"]


def test_a_killed_worker_is_named_and_the_rest_is_kept(home):
    plan = plan_of(home)
    with pytest.raises(StageError, match="worker process was killed") as caught:
        forecast_seasons(plan, workers=1, fit=killed)
    assert f"{FATAL[0]} {FATAL[1]}" in str(caught.value)
    made, again = run(plan)
    assert made.cached == 4 - len(again) >= 1
    assert f"{FATAL[0]} {FATAL[1]}" in again


def test_a_failing_fit_is_named_after_all_others_were_kept(home):
    plan = plan_of(home)
    with pytest.raises(StageError, match=r"1 of 4 fits.*3 are kept.*grid_frequency 2023: ZeroDivisionError: planted"):
        forecast_seasons(plan, workers=0, fit=failing)
    assert run(plan)[1] == ["grid_frequency 2023"]


def test_progress_counts_every_fit_and_estimates_what_is_left(home):
    told = []
    forecast_seasons(plan_of(home), workers=0, on_progress=told.append)
    assert [now.done for now in told] == [1, 2, 3, 4]
    assert {now.total for now in told} == {4}
    assert told[0].seconds_left > 0
    assert told[-1].seconds_left == 0


def test_settling_looks_only_at_seasons_before_the_test_season(home):
    plan = plan_of((home[0], home[1]), only=["plackett_luce_trees"])
    entrant = next(each for each in plan.entrants if each.name == "plackett_luce_trees")
    assert (entrant.role, entrant.settle) == ("contender", 3)
    entrant = replace(entrant, recipe=replace(entrant.recipe, params={**entrant.recipe.params, "eta": 0.3}))
    task = plan.task(entrant, 2024)
    found = settled(task)
    assert found.params["temperature"] != 1.0
    assert found.params["rounds"] >= 1
    assert settled(replace(task, settle=0)) == task.recipe


def test_seasons_without_results_or_without_a_past_are_refused(tmp_path):
    home = tiny_project(tmp_path, tiny_tables(seasons=4, races=6, cars=12, upcoming=6))
    with pytest.raises(StageError, match=r"cannot score 2024.*Usable: 2022 to 2023"):
        plan_of(home, seasons=[2023, 2024])
    with pytest.raises(StageError, match="cannot score 2021"):
        plan_of(home, seasons=[2021])
    assert plan_of(home, seasons=None).seasons == (2022, 2023)


def test_near_names_are_offered(home):
    with pytest.raises(UnknownName, match="did you mean 'race_winner'"):
        plan_of(home, templates=["race_winer"])
    with pytest.raises(UnknownName, match="did you mean 'plackett_luce_trees'"):
        plan_of(home, only=["plackett_luce_tres"])
    with pytest.raises(UnknownName, match="did you mean 'pre_race'"):
        make_plan(*home, "pre_rac")


def test_a_trained_recipe_counts_only_if_it_was_tuned_before_the_first_scored_season(home):
    folder = home[0].model(NAME) / "model"
    folder.mkdir(parents=True)
    stored = '{"format": 1, "seed": 7, "stage": "pre_race", "estimator": "grid_frequency", "features": ["grid"], "params": {"bandwidth": 0.5, "prior": 1.0}, '
    (folder / "recipe.json").write_text(stored + '"facts": {"validation_seasons": [2022]}}')
    assert plan_of(home).ours.recipe.params["bandwidth"] == 0.5
    assert "tuned on 2022" in plan_of(home).notes[0]
    early = plan_of(home, seasons=[2022, 2023])
    assert early.ours.recipe.params["bandwidth"] != 0.5
    assert "was tuned on 2022, not before 2022" in early.notes[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2019", [2019]), ("2015:2017", [2015, 2016, 2017]), ("2018, 2015:2016,2015", [2015, 2016, 2018])],
)
def test_seasons_are_read(text, expected):
    assert parse_seasons(text) == expected


@pytest.mark.parametrize("text", ["", "2017:2015", "2015-2017", "last", "15"])
def test_other_forms_of_seasons_are_refused(text):
    with pytest.raises(UsageError, match="seasons are given as"):
        parse_seasons(text)


def test_an_estimator_that_settles_nothing_is_fitted_once(home, monkeypatch):
    plan = plan_of(home)
    task = replace(plan.task(plan.ours, 2024), settle=3)
    calls = []
    plugin = type(task.recipe.plugin)
    fit = plugin.fit

    def counted(self, data):
        calls.append(data.validation)
        return fit(self, data)

    monkeypatch.setattr(plugin, "fit", counted)
    predict_fold(task)
    assert len(calls) == 2
    assert calls[0] is not None
    monkeypatch.setattr(plugin, "settles", False, raising=False)
    predict_fold(task)
    assert len(calls) == 3
    assert calls[2] is None
