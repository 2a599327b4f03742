"""Manifests in a real run store: a training through DVC has all of it, the checklists pass on it, `pitwall exp` shows it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pitwall.cli import main
from pitwall.domain.errors import UnknownName
from pitwall.domain.ports import RunReader, RunRecord
from pitwall.domain.project import Project
from pitwall.domain.refs import folder_hash
from pitwall.testing.worlds.project import TinyProject
from pitwall.tracking import seeds
from pitwall.tracking.config import ExperimentConfig
from pitwall.tracking.manifest import of_run
from pitwall.tracking.sections.unknown import is_unknown
from pitwall.workflows.notebook.experiment import ReproducibleExperiment
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tiny_project: TinyProject, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("PITWALL_HOME", str(tiny_project.root))
    return Project(tiny_project.root)


@pytest.fixture
def runs(project: Project) -> RunReader:
    return Workspace(project).runs


@pytest.fixture
def first(runs: RunReader) -> RunRecord:
    """The training of the fixture's `dvc repro`."""
    return [record for record in runs.all() if record.experiment == "pitwall-order"][-1]


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `pitwall ARGUMENTS` in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["pitwall", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_a_training_through_dvc_has_its_whole_manifest(runs: RunReader, first: RunRecord) -> None:
    manifest = of_run(runs, first.run_id)
    assert manifest.orchestration["started_by"] == "dvc"
    assert manifest.orchestration["mlflow"]["run"] == first.run_id
    assert manifest.orchestration["optuna"]["trials"] == 2
    assert manifest.config["recipe"]["estimator"] == "stack"
    assert manifest.data["frame"]["md5"] in {digest for _, digest in first.datasets}
    assert {"data/raw/synthetic", "data/tables", "data/features", "data/frames"} == set(manifest.data["outs"])
    assert manifest.inference["p99_ms"] >= manifest.inference["p50_ms"] > 0
    assert first.metrics["inference.p99_ms"] == manifest.inference["p99_ms"]
    model = {path.rpartition("/")[2] for path in manifest.artifacts if path.startswith("models/")}
    assert {"MLmodel", "recipe.json", "model_code.py"} <= model
    assert {"predictions/predictions.parquet", "manifest/splits.json"} <= set(manifest.artifacts)
    races = manifest.data["splits"]["races"]
    assert races["train"] + races["validation"] + races["held_out"] <= races["refit"]
    unknowns = [name for name in ("code", "data", "seeds", "environment") if is_unknown(getattr(manifest, name))]
    assert not unknowns


def test_the_manifest_is_no_part_of_the_model(project: Project, first: RunRecord) -> None:
    folder = project.model("order-pre_race")
    assert not [path for path in folder.rglob("*") if "manifest" in path.name or "inference" in path.name]
    version = Workspace(project).registry.get("order-pre_race", int(first.tags["pitwall.version"]))
    assert version.content == first.tags["pitwall.content"]
    if version.version == 1:
        assert folder_hash(Workspace(project).registry.fetch("order-pre_race", 1)) == version.content
    assert {"latency_ms", "latency_p99_ms", "rows_per_s", "config_hash"} <= set(version.tags)


def test_the_pages_of_run_and_version_show_a_dozen_tags(project: Project, first: RunRecord) -> None:
    from pitwall.adapters.mlflow.store import open_store

    client = open_store(project)
    run, version = (
        client.get_run(first.run_id),
        client.get_model_version("order-pre_race", first.tags["pitwall.version"]),
    )
    assert len(run.data.tags) <= 12
    assert len(version.tags) <= 12
    assert {"git.dirty", "data.stale"} <= set(version.tags)
    assert run.data.tags["experiment_type"] == "hyperparameter"
    tables = Workspace(project).versions.hashes()["data/tables"]
    assert run.data.tags["dataset_version"] == f"synthetic-{tables[:12]}"
    opening = run.data.tags["mlflow.note.content"].split("## ")[0]
    assert opening.index("**Tried**") < opening.index("**Result**") < opening.index("**Verdict**: ")


def test_nested_trials_have_no_manifest(project: Project, runs: RunReader, first: RunRecord) -> None:
    from pitwall.adapters.mlflow.store import open_store

    experiment = open_store(project).get_run(first.run_id).info.experiment_id
    trials = open_store(project).search_runs([experiment], f"tags.`mlflow.parentRunId` = '{first.run_id}'")
    assert len(trials) == 2
    assert runs.artifacts(trials[0].info.run_id) == []
    assert trials[0].info.run_id not in {record.run_id for record in runs.all()}
    assert first.name in runs.names("pitwall-order")
    assert not runs.names("pitwall-order") & {trial.info.run_name for trial in trials}
    assert runs.names("pitwall-none") == set()


def test_the_checklists_pass_on_it(
    monkeypatch: pytest.MonkeyPatch, project: Project, first: RunRecord, tmp_path: Path
) -> None:
    said = tmp_path / "lint.json"
    assert call(monkeypatch, "exp", "lint", first.run_id[:12], "--json", str(said)) == 0
    report = json.loads(said.read_text())
    assert (report["run"], report["complete"]) == (first.run_id, True)


def test_show_and_diff_print_it(
    monkeypatch: pytest.MonkeyPatch, project: Project, first: RunRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "exp", "show", first.name) == 0
    shown = capsys.readouterr().out
    for words in (first.run_id, "nondeterminism", "optuna.best_trial", "manual_steps", "261 entries", "rows_per_s"):
        assert words.split()[-1] in shown
    assert call(monkeypatch, "exp", "diff", first.run_id, first.name, "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []
    assert call(monkeypatch, "exp", "show", "no-such-run") == 2
    assert "unknown run" in capsys.readouterr().err


def test_an_experiment_of_ones_own_is_recorded_and_its_gaps_are_named(
    monkeypatch: pytest.MonkeyPatch, project: Project, runs: RunReader, tmp_path: Path
) -> None:
    monkeypatch.setattr(seeds, "find_spec", lambda name: None)  # PyTorch takes seconds
    experiment = ReproducibleExperiment(ExperimentConfig({"rounds": 2, "seed": 7}), manual_steps=["by hand"])

    def train(config: ExperimentConfig, run: object) -> None:
        raise ArithmeticError("planted")

    with pytest.raises(ArithmeticError):
        experiment.run(train)
    record = runs.read(experiment.run_id)
    assert (record.status, record.experiment) == ("FAILED", "pitwall-lab")
    assert record.tags["error"] == "ArithmeticError: planted"
    assert "error/traceback.txt" in runs.artifacts(record.run_id)
    assert of_run(runs, record.run_id).manual_steps == ["by hand"]
    said = tmp_path / "lint.json"
    assert call(monkeypatch, "exp", "lint", record.run_id, "--json", str(said)) == 1
    items = json.loads(said.read_text())["items"]
    missing = {item["item"] for item in items if item["asked"] and not item["passed"]}
    assert {"split indices", "finished", "hashes"} <= missing
    assert {"checkpoint", "latency", "predictions"} <= {item["item"] for item in items if not item["asked"]}
    assert not missing & {"commit", "seeds", "locked dependencies", "run name", "manual steps"}


def test_a_run_that_is_not_there_has_no_file_and_no_record(runs: RunReader, first: RunRecord) -> None:
    assert runs.find(first.run_id[:8]) == [first.run_id]
    assert runs.find("%") == runs.find("") == []
    assert runs.file(first.run_id, "manifest/none.json") is None
    assert runs.file(first.run_id, "none/none.json") is None
    with pytest.raises(UnknownName, match="unknown run"):
        runs.read("0" * 32)
