"""A training that is killed at any step, files and database alike, leaves no half model and an honest status."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pitwall.adapters.mlflow.registry import MlflowRegistry
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.params import parse_params
from pitwall.domain.project import Project
from pitwall.domain.refs import folder_hash
from pitwall.domain.settings import VARIABLE
from pitwall.domain.tables import save_tables
from pitwall.ml.training import steps as training
from pitwall.ml.training.training_job import TrainingJob, training_job
from pitwall.testing.fakes.kill import left_behind, steps
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import train as workflow
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

NAME = "order-pre_race"
PARAMS = parse_params(
    {
        "models": {"order": {"estimator": "plackett_luce_trees", "stages": ["pre_race"]}},
        "tuning": {"trials": 1, "startup_trials": 1},
        "training": {"held_out_seasons": 1, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 100},
    }
)


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingJob:
    monkeypatch.delenv(VARIABLE, raising=False)
    project = Project(tmp_path / "project")
    tables = tiny_tables(seasons=3, races=4, cars=8)
    save_tables(tables, project.tables)
    project.frames.mkdir(parents=True)
    order_frame(tables).to_parquet(project.frame(NAME), index=False, coerce_timestamps="us")
    return training_job(project, PARAMS, NAME)


def train(job: TrainingJob) -> int | None:
    """Close what a killed one left open, then train, as everybody does."""
    clean: Any = SimpleNamespace(stale=lambda _: [], hashes=dict)
    return workflow.train(Workspace(job.project, params=PARAMS, versions=clean), job.name).version


def earlier_model(job: TrainingJob) -> str:
    """Put something where an earlier training would have left its model; return its hash."""
    for part in ("model", "baseline"):
        (job.target / part).mkdir(parents=True)
        (job.target / part / "recipe.json").write_text(part)
    return folder_hash(job.target)


def look(job: TrainingJob, whole: set[str]) -> None:
    """Close what was left open, and see that nothing is half: not the model folder, not a version, not a status."""
    project, registry = job.project, MlflowRegistry(job.project)
    MlflowTracker(project).reap()
    client = open_store(project)
    experiments = [each.experiment_id for each in client.search_experiments()]
    runs = client.search_runs(experiments)
    assert {run.info.status for run in runs} <= {"KILLED", "FINISHED"}
    assert not job.target.exists() or folder_hash(job.target) in whole
    for version in registry.versions(NAME) if NAME in registry.models() else ():
        assert folder_hash(registry.fetch(NAME, version.version)) == version.content
    logged = client.search_logged_models(experiments)
    assert {str(each.status) for each in logged} <= {"READY", "FAILED"}


def complete(job: TrainingJob, whole: set[str]) -> None:
    """Train again, and see that all is there, once."""
    train(job)
    look(job, whole)
    registry = MlflowRegistry(job.project)
    (version,) = registry.versions(NAME)
    assert version.content == folder_hash(job.target / "model")
    assert registry.aliases(NAME) == {"candidate": version.version}


@pytest.fixture
def quick(job: TrainingJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no pictures, time the model once, have a store, and import here what every child would import for itself."""
    warm = Project(tmp_path / "warm")
    open_store(warm)
    shutil.copytree(warm.mlruns, job.project.mlruns)
    for name in ("matplotlib.pyplot", "xgboost"):
        import_module(name)
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda *_, **__: None)
    monkeypatch.setattr(training, "CALLS", 1)
    monkeypatch.setattr(workflow, "ensure", lambda *_: None)  # the card, which whoever judges the version writes anew


@pytest.mark.usefixtures("quick")
def test_killed_at_any_step_it_leaves_nothing_half_done(job: TrainingJob, tmp_path: Path) -> None:
    root = job.project.root
    earlier = earlier_model(job)
    states = left_behind(lambda: train(job), root, tmp_path / "states")
    whole = {earlier, folder_hash(job.target)}
    commits = [name for name in states if name.startswith("commit")]
    assert any("model_versions" in name for name in commits)
    assert any(name.startswith("os.rename .pitwall/work") for name in states)
    assert any(name.startswith("os.remove .pitwall/work/order-pre_race.old/") for name in states)
    again = {commits[0], next(name for name in commits if "aliases" in name), list(states)[-1]}
    for name, state in states.items():  # MLflow keeps absolute addresses: each state is put where it was made
        shutil.rmtree(root)
        shutil.move(state, root)
        steps(lambda: look(job, whole), root)
        if name in again:
            steps(lambda: complete(job, whole), root)


def test_a_store_that_was_killed_in_the_making_is_made_anew(job: TrainingJob, tmp_path: Path) -> None:
    project = job.project
    states = left_behind(lambda: open_store(project), project.root, tmp_path / "states")
    migrations = [name for name in states if name.startswith("commit")]
    renaming = next(name for name in states if name.startswith("os.rename mlruns/mlflow.db.part"))
    for name in (migrations[0], migrations[len(migrations) // 2], renaming):
        shutil.rmtree(project.root)
        shutil.move(states[name], project.root)
        steps(lambda: MlflowTracker(project).start("pitwall-order", "works", {}), project.root)
        assert (project.mlruns / "mlflow.db").is_file()
        assert list(project.mlruns.glob("*.part*")) == []
