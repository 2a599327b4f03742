"""Models ordered in a notebook, on a tiny world: trained and judged as all others, explained, compared, deployed, made again from their order.

One file, because one trained model and one project, which take longer to make than the tests, are asked for all of it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pitwall as pw
from pitwall.domain.errors import (
    PromotionRefused,
    ShuffledFolds,
    StageError,
    UnknownName,
    UsageError,
)
from pitwall.domain.params import parse_params
from pitwall.domain.refs import folder_hash
from pitwall.features import FeatureEngineer
from pitwall.ml.audit import Effort
from pitwall.ml.automl.settings import Settings
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.gates import leak_audit
from pitwall.ml.models import model as model_named
from pitwall.ml.specs import find_spec
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.tracking.garbage.holders import _by_orders
from pitwall.workflows.automl import check_found
from pitwall.workflows.serving.answer import Answers
from pitwall.workflows.serving.asked import Question
from pitwall.workflows.serving.live_models import LiveModels
from pitwall.workflows.serving.refusals import Refused
from pitwall.workflows.train import train

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARAMS = {
    "training": {"held_out_seasons": 2, "validation_seasons": 1},
    "tuning": {"trials": 2, "startup_trials": 1},
    "gates": {"bootstrap_draws": 100, "min_races": 5},
}
GROUPS = ["driver_form", "team_form", "session"]


@pytest.fixture(scope="module")
def workspace(in_memory, tmp_path_factory):
    root = tmp_path_factory.mktemp("bench")
    shutil.copyfile(ROOT / "dvc.yaml", root / "dvc.yaml")
    (root / "params.yaml").write_text(json.dumps(PARAMS), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PITWALL_HOME", str(root))
        patch.setattr(
            leak_audit, "QUICK", Effort(seasons=1, instants=2, cutoffs=1, worlds=1)
        )  # its own tests look longer
        yield in_memory(root, tiny_tables(seasons=6, races=6, cars=8, upcoming=1), parse_params(PARAMS))


@pytest.fixture(scope="module")
def store(workspace):
    return pw.FeatureStore(workspace.project, reader=workspace.features)


@pytest.fixture(scope="module")
def data(store):
    return store.get_features(feature_groups=GROUPS)


@pytest.fixture(scope="module")
def model(workspace, data):
    known = data[data["season"] < data["season"].max()]
    return pw.ModelBuilder("classification", "podium", workspace=workspace).train(known, "xgboost", auto_tune=2)


def test_a_model_is_judged_on_seasons_that_it_has_not_seen_and_recorded_whole(model, workspace, data):
    seasons = sorted(data["season"].unique())[:-1]
    assert set(model.results.predictions["season"]) == set(seasons[-2:])
    metrics = model.results.metrics
    assert {"brier", "overlap", "precision", "recall", "f1", "accuracy"} <= set(metrics["metric"])
    assert set(metrics["role"]) == {"ours", "baseline"}
    assert model.score == pytest.approx(metrics.query("role == 'ours' and metric == 'brier'")["value"].iloc[0])
    run = workspace.runs.read(model.run_id)
    assert run.status == "FINISHED"
    assert run.experiment == "pitwall-podium"
    kept = workspace.runs.artifacts(model.run_id)
    assert {"manifest/manifest.json", "spec/spec.json", "spec/rows.parquet"} <= set(kept)
    manifest = json.loads(workspace.runs.file(model.run_id, "manifest/manifest.json").read_text(encoding="utf-8"))
    assert manifest["config"]["params"]["spec"]["algorithm"] == "plackett_luce_trees"
    assert model.algorithm == "plackett_luce_trees"  # what xgboost means for an order


def test_no_race_that_was_learned_is_evaluated_nor_one_before_it(model, data):
    with pytest.raises(UsageError, match=r"has learned from 6 of the 6 races"):
        model.evaluate(data[data["season"] == 2021])
    early = model.refit(data[data["season"].isin([2020, 2021, 2022, 2024])])
    with pytest.raises(UsageError, match="it knows their future"):
        early.evaluate(data[data["season"] == 2023])


def test_a_look_at_later_races_is_told_beside_the_rules_and_counted(model, workspace, data):
    last = data[data["season"] == data["season"].max()]
    before = len(holdout_log._rows(workspace.project, "bench-podium-pre_race"))
    results = model.evaluate(last)
    assert set(results.predictions["estimator"]) == {"plackett_luce_trees", *model.question.baselines}
    assert len(holdout_log._rows(workspace.project, "bench-podium-pre_race")) == before + 1
    assert "held-out races" in results.summary()
    run = set(workspace.tables["results"]["race_id"]) & set(last["race_id"])
    assert results.gain["n"] == len(run)
    for name in ("confusion_matrix", "calibration", "by_race", "feature_importance"):
        assert getattr(results, f"plot_{name}")().axes
    assert {"driver_form", "team_form", "session"} <= set(results.importance["group"])


def test_what_is_explained_adds_up_beside_the_race(model, data):
    row = data[data["season"] == 2023].iloc[3]
    told = model.explain(row)
    frame = model.fitted.recipe.select(data[data["race_id"] == row["race_id"]].reset_index(drop=True))
    scores = model.fitted.fitted.scores(frame)
    own = int((frame["driver_id"] == row["driver_id"]).to_numpy().argmax())
    assert told.exact
    assert told.title.endswith(f"{row['season']}-{row['round']:02d}")
    assert told.features.sum() == pytest.approx(scores[own] - scores.mean(), abs=1e-6)
    assert told.groups.sum() == pytest.approx(told.features.sum())
    assert told.plot().axes
    with pytest.raises(UsageError, match="no row"):
        model.explain({"race_id": 1, "driver_id": -5})


def test_two_models_are_compared_on_the_races_that_both_were_judged_on(model, workspace, data):
    known = data[data["season"] < data["season"].max()]
    other = pw.ModelBuilder("classification", "podium", workspace=workspace).train(
        known, "xgboost", params={"max_depth": 1}, features=["grid"]
    )
    found = model.compare(other)
    assert found.n == model.results.predictions["race_id"].nunique()
    assert found.value == pytest.approx((found.by_race["theirs"] - found.by_race["ours"]).mean())
    assert other.params["max_depth"] == 1
    winner = pw.ModelBuilder("classification", "race_winner", workspace=workspace).train(known, "xgboost")
    with pytest.raises(UsageError, match="compare models of one question"):
        model.compare(winner)


def test_a_race_to_come_and_a_past_one_are_forecast(model):
    coming = model.predict()
    assert coming["P(podium)"].is_monotonic_decreasing
    assert coming["P(podium)"].sum() == pytest.approx(3.0)
    past = model.predict("2022-03")
    assert any("has learned" in label for label in past.attrs["labels"])


def test_a_name_makes_a_version_and_the_gates_speak(model, workspace):
    with pytest.raises(UsageError, match="is the name of a question"):
        model.deploy("podium")
    with pytest.raises(UsageError, match="snake_case"):
        model.deploy("My Podium")
    with pytest.raises(PromotionRefused) as refused:  # it has not learned the newest season
        model.deploy("my_podium")
    assert "freshness" in {each.gate for each in refused.value.verdicts if not each.passed}
    version = workspace.registry.versions("my_podium-pre_race")[0]
    assert version.run_id == model.run_id
    assert workspace.registry.alias("my_podium-pre_race", "champion").tags["role"] == "baseline"
    assert workspace.runs.read(model.run_id).tags["pitwall.model"] == "my_podium-pre_race"
    assert dict(_by_orders(workspace.project))[model.run_id]  # nothing throws the run away
    assert find_spec("my_podium").spec.target == "podium"
    coming = pw.load("my_podium", workspace=workspace).predict()
    assert (coming.model, coming.role, len(coming.rows)) == ("my_podium-pre_race", "champion", 8)
    assert set(coming.rows[0].answers) == {"podium"}
    served = LiveModels(workspace.project, workspace.params)
    served.look()
    answers = Answers(workspace.project, workspace.params, served)
    asked = answers.ask("my_podium", Question())
    rows = answers.answer(asked, answers.rows(asked))["rows"]
    assert [row["answer"] for row in rows] == [row.answers["podium"] for row in coming.rows]
    with pytest.raises(Refused, match="nobody answers podium"):  # a user's model answers in nobody's place
        answers.ask("podium", Question())


def test_a_feature_and_a_target_of_ones_own_are_made_again_by_who_never_saw_the_notebook(workspace, store, tmp_path):
    engineer = FeatureEngineer()
    weight = 0.5

    @engineer.register("half_of_podiums", description="half of the share of podiums")
    def half_of_podiums(history):
        return float((history["place"] <= 3).mean()) * weight

    def top_half(tables):
        """Whether a car comes in among the first four."""
        results = tables["results"]
        return results.assign(label=results["place"] <= 4).set_index(["race_id", "driver_id"])["label"]

    rows = store.get_features(feature_groups=GROUPS, custom_features=["half_of_podiums"])
    made = pw.ModelBuilder("classification", top_half, baseline="driver_rate", workspace=workspace).train(
        rows, "logistic"
    )
    assert "half_of_podiums" in made.fitted.recipe.features
    assert "weight = 0.5" in find_spec(made.draft.name.rpartition("-")[0]).spec.custom[0].source
    with pytest.raises(PromotionRefused):
        made.deploy("top_half_own")
    folder = made.save(tmp_path / "kept")
    with pytest.raises(UsageError, match=r"functions of its maker's own \(top_half, half_of_podiums\)"):
        pw.TrainedModel.load(folder, workspace=workspace)
    assert pw.TrainedModel.load(folder, workspace=workspace, trust_functions=True).name == made.name
    before = folder_hash(workspace.project.model("top_half_own-pre_race") / "model")
    engineer._registry.pop("half_of_podiums")  # as in another process
    again = train(workspace, "top_half_own-pre_race")
    assert folder_hash(workspace.project.model("top_half_own-pre_race") / "model") == before
    assert workspace.registry.get(again.model, again.version).content == before


def test_a_target_that_leaks_is_refused_where_it_would_answer_with_the_rows(workspace, store):
    def best_of_the_season(tables):
        """Whether the driver will have the most points of the season."""
        rows = tables["results"].merge(tables["races"][["race_id", "season"]], on="race_id")
        points = rows.groupby(["season", "driver_id"])["points"].sum().reset_index()
        best = points.loc[points.groupby("season")["points"].idxmax()]
        found = (
            rows[["season", "driver_id"]]
            .apply(tuple, axis=1)
            .isin(set(zip(best["season"], best["driver_id"], strict=True)))
        )
        return rows.assign(label=found).set_index(["race_id", "driver_id"])["label"]

    rows = store.get_features(feature_groups=["championship"])
    made = pw.ModelBuilder("classification", best_of_the_season, baseline="overall_rate", workspace=workspace).train(
        rows, "logistic"
    )
    with pytest.raises(PromotionRefused) as refused:
        made.deploy("champions")
    leak = next(each for each in refused.value.verdicts if each.gate == "leak_audit")
    assert not leak.passed
    assert "rows of the target change when the races after them are taken away" in leak.reason
    assert "driver_id" in leak.reason


@pytest.mark.parametrize(
    ("target", "task", "baseline", "family"),
    [
        ("results.points", "regression", "overall_median", "regression"),
        ("scored", "classification", "overall_rate", "binary"),
        ("outcome", "classification", "overall_rate", "multiclass"),
    ],
)
def test_targets_of_ones_own(workspace, data, target, task, baseline, family):  # noqa: PLR0917  (one row of the table each)
    results = workspace.tables["results"].drop_duplicates(["race_id", "driver_id"], keep="last")
    place = data[["race_id", "driver_id"]].merge(results, on=["race_id", "driver_id"], how="left")["place"].to_numpy()
    scored = pd.array(np.where(np.isnan(place), None, place <= 3), dtype="boolean")
    words = np.where(np.isnan(place), None, np.where(place <= 2, "front", np.where(place <= 5, "middle", "back")))
    rows = data.assign(scored=scored, outcome=words).drop(columns={"scored", "outcome"} - {target})
    made = pw.ModelBuilder(task, target, baseline=baseline, workspace=workspace).train(
        rows, "linear" if family == "regression" else "logistic"
    )
    assert made.question.own
    assert made.fitted.recipe.definition.family == family
    assert baseline in set(made.results.metrics["model"])
    assert len(made.predict()) == 8


def test_what_cannot_be_trained_is_refused_where_it_is_asked_for(workspace, data):
    builder = pw.ModelBuilder("classification", "podium", workspace=workspace)
    with pytest.raises(ShuffledFolds):
        builder.train(data, folds="kfold")
    with pytest.raises(UnknownName, match="plackett_luce_trees"):
        builder.train(data, "plackett_luce_tree")
    with pytest.raises(UsageError, match="grid is not what the store says in 1 of"):
        changed = data.copy()
        changed.loc[changed.index[5], "grid"] = 99.0
        builder.train(changed)
    with pytest.raises(UsageError, match="register a function"):
        builder.train(data.assign(my_feature=1.0))
    with pytest.raises(UsageError, match="stand twice"):
        builder.train(pd.concat([data, data.head(1)]))
    with pytest.raises(UsageError, match="the ids of its rows|lacks"):
        builder.train(data.drop(columns=["race_id"]))
    with pytest.raises(UnknownName, match="max_depth"):
        builder.train(data, "xgboost", params={"max_dept": 3})
    with pytest.raises(UsageError, match="question of regression"):
        pw.ModelBuilder("classification", "lap_time", workspace=workspace)
    with pytest.raises(UsageError, match="needs the rule that a model must beat"):
        pw.ModelBuilder("regression", "results.points", workspace=workspace).train(data, "linear")


def test_files_hold_a_model_and_a_stream_tells_its_question_within_races(model, workspace, data, tmp_path):
    folder = model.save(tmp_path / "kept")
    read = pw.TrainedModel.load(folder, workspace=workspace)
    assert read.predict("2022-03").equals(model.predict("2022-03"))
    with pytest.raises(UsageError, match="there already"):
        model.save(folder)
    named = json.loads((folder / "draft.json").read_text(encoding="utf-8"))
    (folder / "draft.json").write_text(json.dumps({**named, "name": "../outside-pre_race"}), encoding="utf-8")
    with pytest.raises(StageError, match="which its order is not"):
        pw.TrainedModel.load(folder, workspace=workspace)
    assert model.connect_to_stream(source="openf1", update_frequency="per_lap").wish.models == ("in_race",)


def test_a_search_within_a_budget_ends_with_a_model_that_is_found_again_by_count(workspace, data, monkeypatch, capsys):
    trainer = pw.AutoMLTrainer("classification", 1.0, "brier", target="dnf", workspace=workspace)
    trainer.settings = Settings(
        3.0, "brier", only=("logistic",)
    )  # loads no library: seconds of others' are the budget's, too
    best = trainer.train(data)
    assert "candidates, best" in capsys.readouterr().err
    assert 0 <= best.score <= 1
    assert {"name", "value", "low", "high", "behind", "gain", "seconds"} <= set(best.leaderboard)
    held = sorted(data["season"].unique())[-3:-1]
    assert set(best.results.predictions["season"]) == set(held)
    assert best.result.recipe.facts["automl"]["seasons"][-1] < held[0]  # what was chosen on is not what judges
    assert {"search/search.json", "search/search.png"} <= set(workspace.runs.artifacts(best.run_id))
    before = folder_hash(workspace.project.model(best.name) / "model")
    again = train(workspace, best.name)  # the search is repeated without a clock
    assert folder_hash(workspace.project.model(again.model) / "model") == before
    found = workspace.job(best.name).definition.spec
    other = {**found, "params": {**found["params"], "planted": 1}}
    monkeypatch.setattr(
        type(workspace.job(best.name)), "definition", property(lambda job: replace(model_named(job.model), spec=other))
    )
    with pytest.raises(StageError, match="repeated by its counts"):
        check_found(workspace, best.name)


def test_a_trainer_says_what_it_cannot_search(workspace, data):
    with pytest.raises(UsageError, match="get_features"):
        pw.AutoMLTrainer("regression", workspace=workspace).train(data)
    with pytest.raises(UsageError, match="question of classification"):
        pw.AutoMLTrainer("regression", target="dnf", workspace=workspace)
    with pytest.raises(UnknownName, match="task"):
        pw.AutoMLTrainer("ranking", workspace=workspace)
