"""Runs and model versions as MLflow stores them: true states, visible cuts, one version per content, aliases.

One file, because all of it is asked of one store, which takes seconds to make.
"""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import psutil
import pytest

from pitwall.adapters.mlflow.pyfunc import example_input
from pitwall.adapters.mlflow.registry import MlflowRegistry
from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.project import Project
from pitwall.domain.records.run_tags import PROCESS
from pitwall.domain.refs import FrameRef, file_md5, folder_hash
from pitwall.domain.texts.long_texts import place_of_whole, shortened
from pitwall.domain.texts.param_texts import flatten
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.rows import row_kind
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.workspace import Workspace

MODEL = "order-pre_race"
EXAMPLE = pd.DataFrame(
    {
        "race_id": [7, 7],
        "driver_id": [1, 2],
        "cutoff": pd.to_datetime(["2024-03-02 15:00"] * 2, utc=True),
        "grid": [1.0, None],
    }
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def tracker(project):
    return MlflowTracker(project)


@pytest.fixture(scope="module")
def registry(project):
    return MlflowRegistry(project)


def _folder(path, text):
    path.mkdir(parents=True)
    (path / "recipe.json").write_text(json.dumps({"text": text}))
    return path


def test_a_run_keeps_what_it_was_told(project, tracker, tmp_path):
    parent = tracker.start("pitwall-order", "training", {"git.commit": "abc123"})
    child = tracker.start("pitwall-order", "trial 0", {"kind": "trial"}, parent=parent)
    tracker.params(parent, {"tuning": {"trials": 3}, "long": "x" * 7000, **{f"p{n}": n for n in range(150)}})
    for step in range(3):
        tracker.metrics(parent, {"validation/log_loss": 2.0 - step}, step=step)
    (tmp_path / "picture.txt").write_text("a picture")
    tracker.files(parent, tmp_path / "picture.txt", "plots")
    tracker.note(parent, "# What happened")
    tracker.finish(child, "KILLED")
    tracker.finish(parent, "FINISHED")

    client = open_store(project)
    run, trial = client.get_run(parent), client.get_run(child)
    assert (run.info.status, trial.info.status) == ("FINISHED", "KILLED")
    assert trial.data.tags["mlflow.parentRunId"] == parent
    assert run.data.params["tuning.trials"] == "3"
    assert run.data.params["p149"] == "149"
    assert run.data.params["long"].startswith("xxx")
    assert "7000 characters" in run.data.params["long"]
    assert run.data.params["long"].endswith("whole in params/long.txt)")
    assert MlflowRuns(project).file(parent, "params/long.txt").read_text() == "x" * 7000
    assert [point.value for point in client.get_metric_history(parent, "validation/log_loss")] == [2.0, 1.0, 0.0]
    assert [file.path for file in client.list_artifacts(parent, "plots")] == ["plots/picture.txt"]
    assert run.data.tags["mlflow.source.git.commit"] == "abc123"
    assert run.data.tags["mlflow.note.content"] == "# What happened"


def test_what_mlflow_would_refuse_is_named(tracker, tmp_path):
    run = tracker.start("pitwall-order", "refusals", {})
    with pytest.raises(TrackingError, match="top3@k"):
        tracker.metrics(run, {"top3@k": 1.0})
    tracker.params(run, {"seed": 7})
    with pytest.raises(TrackingError, match="seed"):
        tracker.params(run, {"seed": 8})
    with pytest.raises(TrackingError, match="does not exist"):
        tracker.files(run, tmp_path / "nothing")
    tracker.finish(run, "FAILED")


def test_a_dataset_input_names_the_frame_and_its_hash(project, tracker):
    path = project.frame("order-pre_race")
    path.parent.mkdir(parents=True)
    EXAMPLE.to_parquet(path)
    ref = FrameRef("order-pre_race", "data/frames/order-pre_race.parquet", file_md5(path), 2, tuple(EXAMPLE.columns))
    run = tracker.start("pitwall-order", "with data", {})
    tracker.dataset(run, ref, "training")
    tracker.finish(run, "FINISHED")

    (entry,) = open_store(project).get_run(run).inputs.dataset_inputs
    assert (entry.dataset.name, entry.dataset.digest) == ("order-pre_race", ref.md5)
    assert json.loads(entry.dataset.source)["uri"] == "data/frames/order-pre_race.parquet"
    assert [c["type"] for c in json.loads(entry.dataset.schema)["mlflow_colspec"]] == [
        "long",
        "long",
        "datetime",
        "double",
    ]


def test_the_run_of_a_killed_process_is_reaped_and_a_live_one_is_not(project, tracker):
    code = "from pitwall.adapters.processes.identity import this_process; import sys; sys.stdout.write(this_process())"
    gone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    dead = tracker.start("pitwall-order", "dead", {PROCESS: gone})
    alive = tracker.start("pitwall-order", "alive", {})
    foreign = open_store(project).create_run(open_store(project).get_run(alive).info.experiment_id).info.run_id

    assert tracker.reap() == [dead]
    states = {run: open_store(project).get_run(run).info.status for run in (dead, alive, foreign)}
    assert states == {dead: "KILLED", alive: "RUNNING", foreign: "RUNNING"}
    assert tracker.reap() == []
    tracker.finish(alive, "FINISHED")


def test_the_same_content_is_one_version_and_another_is_the_next(project, tracker, registry, tmp_path):
    run = tracker.start("pitwall-order", "registers", {})
    first = registry.register(MODEL, run, _folder(tmp_path / "a", "one"), EXAMPLE, {"role": "model"})
    again = registry.register(MODEL, run, _folder(tmp_path / "b", "one"), EXAMPLE, {"role": "other"})
    other = registry.register(MODEL, run, _folder(tmp_path / "c", "two"), EXAMPLE, {})
    tracker.finish(run, "FINISHED")

    assert (again.version, again.tags["role"]) == (first.version, "model")
    assert other.version == first.version + 1
    assert registry.find(MODEL, first.content).version == first.version
    assert registry.find(MODEL, "0" * 64) is None
    assert registry.find("nobody", first.content) is None

    copy = registry.fetch(MODEL, first.version)
    assert folder_hash(copy) == first.content
    assert not (copy / "recipe.json").stat().st_mode & 0o222
    assert registry.fetch(MODEL, first.version) == copy


def test_aliases_move_and_unknown_versions_are_named(registry):
    assert registry.alias(MODEL, "nobody") is None
    assert registry.alias("no-model", "champion") is None
    registry.set_alias(MODEL, "champion", 1)
    registry.set_alias(MODEL, "champion", 2)
    assert registry.alias(MODEL, "champion").version == 2
    registry.tag(MODEL, 2, {"gate.latency": "passed"})
    assert registry.get(MODEL, 2).tags["gate.latency"] == "passed"
    with pytest.raises(UnknownName, match="Known: 1, 2"):
        registry.get(MODEL, 9)
    with pytest.raises(UnknownName):
        registry.set_alias(MODEL, "champion", 9)
    assert registry.alias(MODEL, "champion").version == 2


def test_files_changed_after_registration_are_refused(project, registry):
    stored = next(path for path in project.mlruns.rglob("model/recipe.json") if "two" in path.read_text())
    stored.write_text("{}")
    shutil.rmtree(project.state, ignore_errors=True)
    with pytest.raises(TrackingError, match="changed after registration"):
        registry.fetch(MODEL, 2)


def test_model_input_is_ids_floats_and_text_and_leaves_instants_out():
    rows = example_input(EXAMPLE.assign(name=["a", "b"], count=[1, 2]))
    assert {name: str(kind) for name, kind in rows.dtypes.items()} == {
        "race_id": "int64",
        "driver_id": "int64",
        "grid": "float64",
        "name": "object",
        "count": "float64",
    }


def test_nested_parameters_are_flattened_and_short_ones_left_alone():
    assert flatten({"a": {"b": {"c": 1}}, "d": {}}) == {"a.b.c": 1, "d": {}}
    assert shortened("params", "a", "x" * 6000, 6000) == "x" * 6000
    assert len(shortened("params", "a/b", "x" * 6001, 6000)) == 6000
    assert place_of_whole("params", "a/b", shortened("params", "a/b", "x" * 6001, 6000)) == "params/a%2Fb.txt"


def test_long_tags_and_notes_are_whole_in_files(project, tracker):
    run = tracker.start("pitwall-order", "tags", {"early": "e" * 9000})
    tracker.tag(run, {"late": "l" * 9000, "short": "s" * 8000})
    tracker.note(run, "# Long" + "n" * 9000)
    tracker.finish(run, "FINISHED")
    tags = open_store(project).get_run(run).data.tags
    assert tags["short"] == "s" * 8000
    runs = MlflowRuns(project)
    for key, text in (("early", "e" * 9000), ("late", "l" * 9000), ("mlflow.note.content", "# Long" + "n" * 9000)):
        assert f"9{len(text) - 9000:03d} characters" in tags[key]
        assert runs.file(run, f"tags/{key}.txt").read_text() == text


def test_a_long_parameter_cannot_change_behind_the_same_beginning(tracker):
    run = tracker.start("pitwall-order", "long", {})
    tracker.params(run, {"long": "x" * 7000 + "a"})
    tracker.params(run, {"long": "x" * 7000 + "a"})
    with pytest.raises(TrackingError, match="refused parameters"):
        tracker.params(run, {"long": "x" * 7000 + "b"})
    tracker.finish(run, "FINISHED")


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), None, "much"])
def test_a_metric_that_is_no_finite_number_is_refused_with_all_of_its_batch(project, tracker, value):
    run = tracker.start("pitwall-order", "infinite", {})
    with pytest.raises(TrackingError, match="metric 'loss' at step 3 is"):
        tracker.metrics(run, {"fine": 1.0, "loss": value}, step=3)
    tracker.finish(run, "FINISHED")
    assert open_store(project).get_run(run).data.metrics == {}


def test_a_curve_is_logged_at_once_and_refused_whole(project, tracker):
    run = tracker.start("pitwall-order", "curve", {})
    values = [(step, 1.0 / step) for step in range(1, 1203)]  # more than MLflow takes at once
    tracker.curve(run, "fit.train_log_loss", values)
    assert MlflowRuns(project).history(run, "fit.train_log_loss") == values
    for name, wrong in (("fit.train_nan", [(1, 0.5), (2, float("nan"))]), ("top3@k", values)):
        with pytest.raises(TrackingError):
            tracker.curve(run, name, wrong)
        assert MlflowRuns(project).history(run, "fit.train_nan") == []


def test_a_closed_workspace_holds_no_connection_and_the_next_one_is_open_at_once(project):
    def connections():  # of this project alone
        store = f"{project.mlruns}/mlflow.db"
        return [each.path for each in psutil.Process().open_files() if each.path.startswith(store)]

    with Workspace(project) as workspace:
        run = workspace.tracker.start("pitwall-order", "short", {})
        client = open_store(project)
        assert connections()
    assert connections() == []
    with Workspace(project) as again:
        assert again.runs.read(run).status == "RUNNING"
        again.tracker.finish(run, "FINISHED")
        assert open_store(project) is client


def test_a_registered_model_answers_without_any_pickle(project, tracker, registry, tmp_path):
    import mlflow

    frame, folder = _trained(tmp_path / "model")
    run = tracker.start("pitwall-order", "trains", {})
    version = registry.register("order-pre_weekend", run, folder, frame, {})
    tracker.finish(run, "FINISHED")
    registry.set_alias("order-pre_weekend", "champion", version.version)

    loaded = mlflow.pyfunc.load_model("models:/order-pre_weekend@champion")
    answer = loaded.predict(frame)
    np.testing.assert_array_equal(answer, FittedModel.load(folder).positions(frame))
    np.testing.assert_allclose(answer.sum(axis=1), 1.0, atol=1e-6)
    assert loaded.metadata.signature.inputs.input_names()[0] == "race_id"
    stored = [path.name for path in project.mlruns.rglob("*") if path.suffix in {".pkl", ".pickle", ".joblib"}]
    assert stored == []


def _trained(folder):
    tables = tiny_tables(seasons=2, races=4)
    spine = row_kind("race_driver").spine(tables, "pre_race")
    grid = tables["grid"][["race_id", "driver_id", "grid"]].astype({"grid": "float64"})
    frame = spine.merge(grid, on=["race_id", "driver_id"])
    outcome = outcomes("order", tables, frame)
    recipe = default_recipe("order", "grid_frequency", frame, 0, "pre_race")
    judged = predict_seasons(recipe, frame, outcome, [2022])
    FittedModel(recipe, recipe.fit(*labelled("order", frame, outcome))).save(folder, judged)
    return frame[frame["race_id"] == frame["race_id"].iloc[-1]].reset_index(drop=True), folder


def test_a_saved_view_is_a_tag_and_an_address(project, tracker):
    from pitwall.adapters.mlflow.pages.views import TAG, save_view

    assert save_view(project, "pitwall-none", ["a.loss"], ["verdict"]) is None, "no runs, nothing to show"
    tracker.start("pitwall-order", "training", {})
    address = save_view(project, "pitwall-order", ["race_winner.log_loss"], ["pitwall.verdict"])
    known = open_store(project).get_experiment_by_name("pitwall-order")
    assert address == (
        f"/#/experiments/{known.experiment_id}/runs?workflowType=machine_learning&viewStateShareKey={TAG.rpartition('.')[2]}"
    )
    view = json.loads(known.tags[TAG])
    columns = ["attributes.`Models`", "metrics.`race_winner.log_loss`", "tags.`pitwall.verdict`"]
    assert (view["selectedColumns"], view["columnOrder"][-3:]) == (columns, columns)
    assert set(columns) < set(view["columnWidths"]) <= set(view["columnOrder"])


def test_a_page_is_read_whole_also_when_it_was_long_once(project, tracker):
    runs, run = MlflowRuns(project), tracker.start("pitwall-order", "page", {})
    assert runs.page(run) == ""
    for text in ("# Long" + "n" * 9000, "# Short"):
        tracker.note(run, text)
        assert runs.page(run) == text


def test_a_page_shows_few_tags_and_readers_see_all(project, tracker):
    facts = {f"version.p{n}": str(n) for n in range(30)} | {"pitwall.model": "order-pre_race", "python": "3.11"}
    run = tracker.start("pitwall-order", "packed", facts)
    tracker.tag(run, {"optuna.trials": "20", "pitwall.version": "1"})
    assert len(open_store(project).get_run(run).data.tags) <= 12
    assert (
        MlflowRuns(project).read(run).tags.items() >= {**facts, "optuna.trials": "20", "pitwall.version": "1"}.items()
    )
