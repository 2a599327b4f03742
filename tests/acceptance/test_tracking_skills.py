"""The pages on experiment tracking as skills: what each says must be so before and after, what it says to track, and its lines on DVC.

The code of these pages runs in `test_skill_pages.py`. What a page says that is no longer so is here as a test of the tool itself: when one
of them fails, `docs/corrections.md` is out of date.
"""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest

import pitwall as pw
from pitwall.adapters.mlflow.store import prepare_environment
from pitwall.cli._layers import STACK
from pitwall.ml.search.sweep import read_sweep
from pitwall.testing import FakeTracker
from pitwall.testing.fakes.tracking import make_tracked, record_training
from pitwall.tracking.checklists.lint import lint
from pitwall.tracking.manifest import of_run
from pitwall.tracking.names import problem

REPO = Path(__file__).resolve().parents[2]
WANDB = REPO / "docs" / "references" / "wandb-patterns.md"
CODE = re.compile(r"^```(python|yaml)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PINNED = ("dvc", "feast", "mlflow", "optuna", "prefect")
# What to track: category: where a run keeps it
TRACKED = {
    "Code": ("code.commit", "code.branch", "code.patch"),
    "Data": ("data.dvc_rev", "data.dvc_lock", "data.outs", "data.frame"),
    "Environment": ("environment.python", "environment.versions", "environment.cpu", "environment.memory_gb"),
    "Hyperparameters": ("config.params", "config.recipe", "config.hash"),
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A recorded training from code with a change that nobody has committed."""
    home = tmp_path_factory.mktemp("trained")
    project = make_tracked(home / "project")
    (project.root / "src" / "pitwall" / "a.py").write_text("A = 2\n")
    return record_training(project, FakeTracker(), home)


@pytest.fixture(scope="module")
def mlflow_store(tmp_path_factory):
    """MLflow itself on a database of its own."""
    prepare_environment()
    import mlflow

    folder = tmp_path_factory.mktemp("mlflow")
    client = mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}", f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.create_experiment("lab", artifact_location=(folder / "artifacts").as_uri())
    run_id = client.create_run(experiment).info.run_id
    client.create_registered_model("lin")
    client.create_model_version("lin", source=(folder / "artifacts").as_uri(), run_id=run_id)
    return SimpleNamespace(client=client, folder=folder, run_id=run_id, uri=client.tracking_uri)


# --- before and after


def test_completed_mlops_basics_skill():
    """Completed mlops-basics skill: data, training and models have their tools, and the course teaches the three of them."""
    built = {layer.name: [part.tool for part in layer.parts if part.built] for layer in STACK}
    assert built["Data"] == ["DVC", "Pandera", "Feast", "Prefect"]
    assert built["Training"] and built["Model"]
    assert len(list((REPO / "notebooks").glob("[123]_*.ipynb"))) == 3


def test_python_environment_setup():
    """Python environment setup: the Python and the packages at hand are those that the project names."""
    named = (REPO / ".python-version").read_text(encoding="utf-8").strip()
    assert f"{'.'.join(map(str, sys.version_info[:3]))}.".startswith(f"{named}.")
    lock = (REPO / "requirements.lock").read_text(encoding="utf-8")
    assert [name for name in PINNED if f"\n{name}=={version(name)}\n" not in lock.replace("[duckdb]", "")] == []


def test_can_set_up_experiment_tracking(tmp_path):
    """Can set up experiment tracking: an empty folder is enough, and the runs are there for the next session."""
    with pw.ExperimentTracker("lab", base_dir=tmp_path).run("first"):
        pass
    assert [run["status"] for run in pw.ExperimentTracker("lab", base_dir=tmp_path).compare_runs()] == ["completed"]


def test_can_log_parameters_metrics_artifacts(tmp_path):
    """Can log parameters, metrics, artifacts: all of the complete example, in our words."""
    tracker = pw.ExperimentTracker("lab", base_dir=tmp_path)
    tags = {"experiment_type": "baseline", "dataset_version": "v2.1"}
    with tracker.run("complete", tags=tags) as run_id:
        tracker.log_params({"learning_rate": 0.001, "batch_size": 32, "model_type": "transformer"})
        for epoch in range(10):
            tracker.log_metrics({"train_loss": 1 / (epoch + 1), "val_loss": 2 / (epoch + 1)}, step=epoch)
        tracker.log_artifact("confusion_matrix.csv", "7,1\n2,5\n")
    run = pw.ExperimentTracker("lab", base_dir=tmp_path).get_run(run_id)
    assert run["params"] == {"learning_rate": 0.001, "batch_size": 32, "model_type": "transformer"}
    assert [each["step"] for each in run["metrics"]["val_loss"]] == list(range(10))
    assert tags.items() <= run["tags"].items()
    assert (Path(run["run_dir"]) / "artifacts" / "confusion_matrix.csv").read_text() == "7,1\n2,5\n"


def test_can_use_model_registry(tmp_path, monkeypatch):
    """Can use model registry: register, staging, production, and back again."""
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    (tmp_path / "params.yaml").write_text("seed: 7\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    registry = pw.ModelRegistry()
    for accuracy in (0.8, 0.9):
        registry.register_model("text_classifier", {"metrics": {"accuracy": accuracy}, "params": {}})
    registry.promote("text_classifier", 1, "production")
    registry.promote("text_classifier", 2, "staging")
    registry.promote("text_classifier", 2, "production")
    assert registry.get_production_model("text_classifier")["version"] == 2
    assert [each["stage"] for each in registry.list_versions("text_classifier")] == ["archived", "production"]
    registry.promote(
        "text_classifier", 1, "production"
    )  # the rollback; of a model with gates it is `pitwall registry rollback`
    assert registry.get_production_model("text_classifier")["version"] == 1


# --- what to track


@pytest.mark.parametrize("category", TRACKED)
def test_what_to_track_is_in_the_manifest(category, trained):
    manifest = of_run(trained.tracker, trained.run_id)
    said = {name: manifest.get(name) for name in TRACKED[category]}
    assert [name for name, value in said.items() if not value or str(value).startswith("unknown")] == []


def test_what_to_track_metrics_and_artifacts_are_in_the_run(trained):
    record = trained.tracker.read(trained.run_id)
    assert {"race_winner.log_loss", "race_winner.brier"} <= set(record.metrics)
    kept = {path.split("/")[0] for path in trained.tracker.artifacts(trained.run_id)}
    assert {"manifest", "pictures", "predictions"} <= kept


def test_what_is_logged_in_and_out_is_named(trained):
    """Observability, log_inputs and log_outputs: the data set that came in by hash, the version that went out."""
    record = trained.tracker.read(trained.run_id)
    assert [name for name, digest in record.datasets if digest]
    assert {"pitwall.version", "pitwall.content"} <= set(record.tags)


def test_the_checklists_of_both_pages_pass_on_it(trained):
    checked = lint(trained.tracker, trained.tracker.read(trained.run_id), trained.project)
    assert [finding.item for finding in checked.missing] == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("experiment", "fraud-detection-baseline"),
        ("run", "2024-01-15-xgboost-tuning-lr001"),
        ("model", "xgboost-transactions-v2.3.1"),
        ("path", "fraud/baseline_2024-01-15/run_0123456789ab"),
    ],
)
def test_the_names_of_both_pages_are_good_ones(kind, name):
    assert problem(kind, name) == ""


# --- the patterns of Weights & Biases


def test_the_patterns_run_and_the_sweep_is_read(tmp_path, monkeypatch):
    import matplotlib as mpl

    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    code = dict(CODE.findall(WANDB.read_text(encoding="utf-8")))
    space: dict[str, object] = {}
    exec(compile(code["python"], str(WANDB), "exec"), space)
    tracker = space["tracker"]
    assert isinstance(tracker, pw.ExperimentTracker)
    (run,) = tracker.list_runs("winner_lab")
    assert run["tags"]["group"] == "architecture-experiments"
    Path("sweep.yaml").write_text(code["yaml"], encoding="utf-8")
    sweep = read_sweep(Path("sweep.yaml"))
    assert (sweep.settings.method, sweep.settings.pruner) == ("tpe", "hyperband")


# --- DVC


def _done(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "dvc", *command[1:]] if command[0] == "dvc" else [*command]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)


def test_the_lines_on_dvc_run_with_stage_add_for_run(tmp_path):
    work, storage = tmp_path / "work", tmp_path / "storage"
    (work / "data" / "raw").mkdir(parents=True)
    (work / "src").mkdir()
    (work / "data" / "training.csv").write_text("a\n1\n")
    (work / "data" / "raw" / "a.csv").write_text("a\n2\n")
    (work / "src" / "preprocess.py").write_text(
        "from pathlib import Path\nPath('data/processed').mkdir(exist_ok=True)\nPath('data/processed/a.csv').write_text('a,3')\n"
    )
    stage = ("-n", "preprocess", "-d", "src/preprocess.py", "-d", "data/raw", "-o", "data/processed")
    program = f"{sys.executable} src/preprocess.py"
    lines = [
        ("git", "init", "-q"),
        ("dvc", "init", "-q"),
        ("dvc", "add", "-q", "data/training.csv"),
        ("git", "add", "data/training.csv.dvc", "data/.gitignore"),
        ("git", "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-qm", "Add training data v1"),
        ("dvc", "remote", "add", "-d", "storage", str(storage)),
        ("dvc", "push", "-q"),
        ("dvc", "stage", "add", "-q", *stage, program),
        ("dvc", "repro", "-q"),
    ]
    for line in lines:
        done = _done(work, *line)
        assert done.returncode == 0, f"{line}: {done.stderr}"
    assert (work / "data" / "processed" / "a.csv").read_text() == "a,3"
    assert len([path for path in storage.rglob("*") if path.is_file()]) == 1
    assert _done(work, "dvc", "run", *stage, program).returncode != 0  # as the page has it


# --- what the pages say and MLflow no longer does


def test_a_folder_of_files_is_refused_as_a_store(mlflow_store):
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match="maintenance mode"):
        MlflowClient((mlflow_store.folder / "mlruns").as_uri()).search_experiments()


def test_stages_are_deprecated_and_an_alias_does_what_they_did(mlflow_store):
    client = mlflow_store.client
    with pytest.warns(FutureWarning, match="stages will be removed"):
        client.transition_model_version_stage("lin", "1", "Production")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.set_registered_model_alias("lin", "champion", "1")
        assert client.get_model_version_by_alias("lin", "champion").run_id == mlflow_store.run_id


def test_a_model_of_pytorch_needs_an_example_and_a_name(mlflow_store, monkeypatch):
    import mlflow
    import torch
    from mlflow.exceptions import MlflowException
    from mlflow.models import model as models

    told: list[str] = []
    monkeypatch.setattr(models._logger, "warning", lambda text, *_, **__: told.append(text))
    monkeypatch.setattr(mlflow.tracking.fluent, "_active_experiment_id", None)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(mlflow_store.uri)
    try:
        with (
            mlflow.start_run(run_id=mlflow_store.run_id),
            pytest.raises(MlflowException, match="input_example is required"),
        ):
            mlflow.pytorch.log_model(torch.nn.Linear(2, 1), artifact_path="model", pip_requirements=["torch"])
    finally:
        mlflow.set_tracking_uri(before)
    assert any("artifact_path" in text and "deprecated" in text for text in told)
