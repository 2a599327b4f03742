"""The cache of fits: damaged entries are computed again and said so, foreign ones are never used, old ones go."""

import json
import os
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from pitwall.ml.backtest.cache import KEPT, FoldCache, fold_key, frame_hash
from pitwall.ml.backtest.fold import predict_fold
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.sources import _closure, source_hash
from pitwall.ml.estimators import estimator
from pitwall.testing.worlds.backtest import tiny_project


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    project, params = tiny_project(tmp_path_factory.mktemp("home"))
    plan = make_plan(project, params, "pre_race", seasons=[2023], only=[])
    return plan.task(plan.ours, 2023)


@pytest.fixture(scope="module")
def result(task):
    return predict_fold(task)


@pytest.fixture
def cache(tmp_path, task, result):
    made = FoldCache(tmp_path)
    made.save(task, fold_key(task), result)
    return made


def test_what_was_saved_comes_back(cache, task, result):
    found = cache.load(task, fold_key(task))
    pd.testing.assert_frame_equal(found.predictions, result.predictions)
    assert found.seconds == pytest.approx(result.seconds, abs=1e-3)
    assert cache.damaged == []


@pytest.mark.parametrize("damage", ["flipped byte", "cut", "no note", "no data", "torn note"])
def test_a_damaged_entry_is_not_used_and_is_reported(cache, task, damage, caplog):
    data, note = next(cache.folder.glob("*.parquet")), next(cache.folder.glob("*.json"))
    content = bytearray(data.read_bytes())
    if damage == "flipped byte":
        content[len(content) // 2] ^= 1
        data.write_bytes(content)
    elif damage == "cut":
        data.write_bytes(content[:100])
    elif damage == "torn note":
        note.write_text(note.read_text()[:20])
    else:
        (note if damage == "no note" else data).unlink()
    assert cache.load(task, fold_key(task)) is None
    assert cache.damaged == [data.name]
    assert "damaged; grid_frequency 2023 is computed again" in caplog.text


def test_an_entry_of_another_frame_is_not_used_even_under_the_right_name(cache, task):
    other = replace(task, train=task.train.assign(grid=task.train["grid"] + 1))
    wanted, found = fold_key(other), fold_key(task)
    assert wanted != found
    assert cache.load(other, wanted) is None
    for path in list(cache.folder.glob("*")):
        shutil.copy(path, path.with_name(path.name.replace(found[:16], wanted[:16])))
    assert cache.load(other, wanted) is None
    assert len(cache.damaged) == 1


def changed_recipe(task):
    return replace(task, recipe=replace(task.recipe, params={**task.recipe.params, "prior": 9.0}))


CHANGES = {
    "parameters": changed_recipe,
    "seed": lambda task: replace(task, recipe=replace(task.recipe, seed=99)),
    "role": lambda task: replace(task, role="baseline"),
    "season": lambda task: replace(task, season=2024),
    "settling": lambda task: replace(task, settle=1),
    "permuted groups": lambda task: replace(task, permuted={}),
    "an outcome": lambda task: replace(
        task, outcome=task.outcome.assign(place=task.outcome["place"].iloc[::-1].to_numpy())
    ),
    "a test row": lambda task: replace(task, test=task.test.assign(grid=task.test["grid"] * 2)),
    "row order": lambda task: replace(task, test=task.test.iloc[::-1].reset_index(drop=True)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_key_changes_with(task, what):
    assert fold_key(CHANGES[what](task)) != fold_key(task)


def test_the_key_does_not_change_with_facts_about_the_recipe(task):
    assert fold_key(replace(task, recipe=replace(task.recipe, facts={"frame_md5": "x"}))) == fold_key(task)


def test_the_key_changes_with_the_sources(task):
    assert fold_key(task, lambda _: "one") != fold_key(task, lambda _: "two")


def test_frames_that_differ_in_a_type_or_a_name_have_other_hashes():
    frame = pd.DataFrame({"a": [1, 2]})
    others = [frame.astype("float64"), frame.rename(columns={"a": "b"}), frame.iloc[::-1], frame.head(1)]
    assert len({frame_hash(each) for each in [frame, *others]}) == 5
    assert frame_hash(frame) == frame_hash(frame.copy())


def test_old_entries_are_forgotten(cache, task, result):
    for number in range(KEPT + 2):
        key = f"{number}" * 64
        cache.save(task, key, result)
        os.utime(next(cache.folder.glob(f"*{key[:16]}.json")), (number + 1, number + 1))
    kept = {json.loads(path.read_text())["key"] for path in cache.folder.glob("*.json")}
    assert len(kept) == KEPT
    assert len(list(cache.folder.glob("*.parquet"))) == KEPT
    assert fold_key(task) in kept, "the one that was written last, by the clock"


def test_an_estimator_depends_on_its_own_file_and_the_shared_machinery_only():
    found = _closure(["pitwall.ml.estimators.order.plackett_luce_trees"])
    assert {
        "pitwall.ml.estimators.order._plackett_luce",
        "pitwall.ml.estimators.shared.design",
        "pitwall.ml.families.order.plackett_luce",
    } <= found
    assert "pitwall.ml.estimators.order.grid_frequency" not in found
    assert "pitwall.ml.gates" not in found


def test_one_that_asks_discovery_depends_on_every_plugin():
    found = _closure(["pitwall.ml.models.machinery.fitted"])
    assert {"pitwall.ml.estimators.order.grid_frequency", "pitwall.ml.estimators.order.plackett_luce_trees"} <= found


def test_two_baselines_of_one_class_have_their_own_sources(monkeypatch):
    grid, table = estimator("order", "grid_frequency"), estimator("order", "championship_order")
    before = source_hash(grid), source_hash(table)
    from pitwall.ml.backtest import sources

    read = sources._read
    monkeypatch.setattr(sources, "_read", lambda name: read(name) + (b"#" if name.endswith("grid_frequency") else b""))
    assert source_hash(grid) != before[0]
    assert source_hash(table) == before[1]
