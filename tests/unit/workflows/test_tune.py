"""The use cases of search: a study with its runs and report, settings that are fixed by it, strategies and folds compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import ModelParams, TuningParams, parse_params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.training import steps
from pitwall.ml.training.comparing import fold_ranking
from pitwall.ml.training.known_seasons import known_seasons
from pitwall.ml.training.training_job import training_job
from pitwall.testing import FakeTracker
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.tune import compare, folds, page
from pitwall.workflows.tune.study import Kept, tune
from pitwall.workflows.tune.subject import Subject, subject, sweep_of
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

NAME = "order-pre_race"
SAID: dict[str, Any] = {
    "models": {"order": {"estimator": "plackett_luce_trees", "stages": ["pre_race"]}},
    "training": {"held_out_seasons": 1, "validation_seasons": 1},
}
SETTINGS = SearchSettings(trials=6, batch=3, startup_trials=2, pruner="none")


def workspace(root: Path, tracker: FakeTracker, **model: Any) -> Workspace:
    said = {**SAID, "models": {"order": {**SAID["models"]["order"], **model}}}
    clean: Any = SimpleNamespace(stale=lambda _: [], hashes=dict)
    return Workspace(Project(root), params=parse_params(said), tracker=tracker, runs=tracker, versions=clean)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    tables = tiny_tables(seasons=5, races=4, cars=8)
    save_tables(tables, Project(root).tables)
    Project(root).frames.mkdir(parents=True)
    order_frame(tables).to_parquet(Project(root).frame(NAME), index=False, coerce_timestamps="us")
    return root


@pytest.fixture
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write no report: one test looks at it, and it takes seconds."""
    monkeypatch.setattr(page, "write", lambda *_: [])


@pytest.fixture(scope="module")
def sought(root: Path) -> Subject:
    return subject(workspace(root, FakeTracker()), NAME)


def test_a_study_is_logged_below_its_run_and_goes_on_below_another(
    root: Path, sought: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = FakeTracker()
    place = workspace(root, tracker)
    done = tune(place, sought, SETTINGS, Kept(workers=0))
    run = tracker.runs[done.run_id]
    nested = [each for each in tracker.runs.values() if each.parent == done.run_id]
    assert (run.status, run.experiment, len(nested)) == ("FINISHED", "pitwall-order", 6)
    assert sorted(each.tags["pitwall.trial_state"] for each in nested) == sorted(t.state for t in done.result.trials)
    assert {each.status for each in nested} == {"FINISHED"}
    assert run.tags["pitwall.best_trial"] == str(done.result.best.number)
    assert {"search/study.json", "search/report.html", "search/history.png", "manifest/manifest.json"} <= set(run.files)
    assert "configurations of `plackett_luce_trees` by tpe" in run.text
    html = (done.folder / "report.html").read_text()
    assert html.count("plotly-graph-div") > 4
    assert html.count('src="http') == 0
    content = json.loads((done.folder / "study.json").read_text())
    assert content["held_out_seasons"] == [2025]
    held = set(sought.seasons.frame.loc[sought.seasons.frame["season"] == 2025, "race_id"])
    seen = [frame for frame, _ in (sought.objective.train, sought.objective.later)]
    assert not held & {race for frame in seen for race in frame["race_id"]}

    with pytest.raises(UsageError, match="exists, with 6 trials"):
        tune(place, sought, SETTINGS, Kept(workers=0))
    monkeypatch.setattr(page, "write", lambda *_: [])
    more = tune(place, sought, replace(SETTINGS, trials=8), Kept(workers=0, resume=True))
    nested = [each for each in tracker.runs.values() if each.parent == more.run_id]
    assert len(nested) == 2
    assert tracker.runs[more.run_id].tags["pitwall.resumed_trials"] == "6"
    assert [t.params for t in more.result.trials[:6]] == [t.params for t in done.result.trials]


@pytest.mark.usefixtures("no_page")
def test_a_study_that_is_interrupted_reports_the_best_so_far(root: Path, sought: Subject) -> None:
    tracker = FakeTracker()

    def stop(record: Any) -> None:
        if record.number == 2:
            raise KeyboardInterrupt

    done = tune(workspace(root, tracker), sought, SETTINGS, Kept("stopped", workers=0), stop)
    assert tracker.runs[done.run_id].status == "KILLED"
    assert done.content["stopped"] == "interrupt"
    assert len(done.content["trials"]) == 3


def test_what_was_found_can_be_fixed_in_params(root: Path) -> None:
    tracker = FakeTracker()
    fixed = {"max_depth": 1, "eta": 0.2}
    job = workspace(root, tracker, params=fixed, tuning={"trials": 2}).job(NAME)
    recipe = steps.tune(job, tracker.start("e", "n", {}), tracker)
    assert {name: recipe.params[name] for name in fixed} == fixed
    assert recipe.params["rounds"] >= 1  # settled by validation
    assert len(tracker.runs) == 3  # one of the search, one of each trial
    assert next(run for run in tracker.runs.values() if run.parent).params["max_depth"] == 1
    wrong = workspace(root, tracker, params={"max_dept": 1}).job(NAME)
    with pytest.raises(UnknownName, match="did you mean 'max_depth'"):
        steps.tune(wrong, tracker.start("e", "m", {}), tracker)


def test_settings_at_their_defaults_are_in_no_hash() -> None:
    assert {"params"}.isdisjoint(ModelParams().model_dump(mode="json"))
    assert {"method", "pruner"}.isdisjoint(TuningParams().model_dump(mode="json"))
    assert TuningParams(method="gp").model_dump(mode="json")["method"] == "gp"
    assert ModelParams(params={"a": 1}).model_dump(mode="json")["params"] == {"a": 1}


@pytest.mark.usefixtures("no_page")
def test_a_sweep_chooses_among_the_settings_of_the_estimator(root: Path, tmp_path: Path) -> None:
    place, file = workspace(root, FakeTracker()), tmp_path / "sweep.yaml"
    file.write_text("method: grid\nparameters: {max_depth: {values: [1, 2]}, eta: {value: 0.3}}\n")
    sweep = sweep_of(file, SETTINGS)
    assert sweep is not None
    found = tune(place, subject(place, NAME, sweep=sweep), sweep.settings, Kept("sweep", workers=0))
    assert [(t.chosen["max_depth"], t.chosen["eta"]) for t in found.result.trials] == [(1, 0.3), (2, 0.3)]
    assert "subsample" in found.result.trials[0].chosen  # the rest as by default
    for text, kind, said in (
        ("method: grid\nparameters: {max_dept: {values: [1, 2]}}\n", UnknownName, "did you mean 'max_depth'"),
        (
            "method: grid\nmetric: {name: accuracy, goal: maximize}\nparameters: {eta: {value: 1}}\n",
            UsageError,
            "scored by",
        ),
    ):
        file.write_text(text)
        with pytest.raises(kind, match=said):
            subject(place, NAME, sweep=sweep_of(file, SETTINGS))


def test_a_rule_has_nothing_to_choose(root: Path) -> None:
    with pytest.raises(UsageError, match="grid_frequency has nothing to choose"):
        subject(workspace(root, FakeTracker()), NAME, "grid_frequency")


def test_strategies_are_scored_by_their_regret(root: Path, sought: Subject) -> None:
    asked, few = [("random", "none"), ("tpe", "none")], replace(SETTINGS, trials=3)
    done = compare.compare(workspace(root, FakeTracker()), sought, asked, 2, few, workers=0)
    assert {score.strategy for score in done.scores} == {"random", "tpe"}
    assert min(score.regret.value for score in done.scores) >= 0
    assert all(score.half.value >= score.regret.value for score in done.scores)
    assert done.picture.read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(UsageError, match="different strategies"):
        compare.compare(workspace(root, FakeTracker()), sought, [asked[0]] * 2, 2, few, workers=0)


def test_folds_are_ranked_and_no_row_is_scored_by_what_has_learned_from_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = ("grid_frequency", "championship_order")
    fits: list[set[int]] = []
    fit = Recipe.fit

    def spied(self: Recipe, frame: Any, outcome: Any) -> Any:
        fits.append(set(frame["race_id"]))
        return fit(self, frame, outcome)

    monkeypatch.setattr(Recipe, "fit", spied)
    place = workspace(root, FakeTracker())
    done = folds.compare_folds(place, NAME, rules)
    known = known_seasons(training_job(Project(root), parse_params(SAID), NAME))
    ranking = done.ranking
    assert (ranking.cut, ranking.seasons) == ("races", ((2021, 2022, 2023), (2024,)))
    assert set(ranking.losses.index) == set(rules)
    assert list(ranking.losses["next_rank"]) == sorted(ranking.losses["next_rank"])
    held = set(known.frame.loc[known.frame["season"] == 2025, "race_id"])
    split = set(known.frame.loc[known.frame["season"] < 2024, "race_id"])
    shuffled = fits[:5]
    assert not any(held & races for races in fits)
    assert all(races < split for races in shuffled)
    assert set.union(*(split - races for races in shuffled)) == split
    assert sum(len(split - races) for races in shuffled) == len(split)  # each race is left out once
    assert fold_ranking.kendall(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 1.0
    assert set(done.content["tau"]) == {"shuffled", "forward"}
    assert done.content["chosen"] == {}  # rules alone: nothing to choose


def test_what_a_way_to_split_promises_is_held_against_what_comes() -> None:
    losses = pd.DataFrame(
        {"shuffled": [0.1, 0.3, 0.5], "forward": [0.4, 0.3, 0.5], "next": [0.45, 0.3, 0.5]}, ["forest", "line", "rule"]
    )
    found = {way: fold_ranking._chosen(losses, ["forest", "line"], way) for way in ("shuffled", "forward")}
    assert (found["shuffled"].estimator, found["shuffled"].rule, found["forward"].estimator) == (
        "forest",
        "rule",
        "line",
    )
    assert (found["shuffled"].promised, found["shuffled"].kept) == pytest.approx((0.4, 0.05))
    assert (found["forward"].promised, found["forward"].kept) == pytest.approx((0.2, 0.2))
