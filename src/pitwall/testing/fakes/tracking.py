"""A small project with a commit, data as DVC would record it, and one training recorded in a fake run store: no tool runs."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.records.curves import PREFIX, ROUNDS, TAG
from pitwall.domain.refs import FrameRef, file_md5
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.tracking.capture import Captured, capture, training_work
from pitwall.tracking.record import ManifestRecord

NAME = "order-pre_race"
SNAPSHOT = "20240101T000000-abcd1234"
FILES = {
    "src/pitwall/a.py": "A = 1\n",
    "params.yaml": "seed: 7\n",
    "requirements.lock": "pandas==2.3.3\nnumpy==0.1\nabsent-package==1.0\n",
    ".gitignore": "data/*\n.pitwall/\n",
    ".python-version": "3.11\n",
    ".pre-commit-config.yaml": "repos: [{hooks: [{id: nbstripout}]}]\n",
    "Dockerfile": "COPY requirements.lock .\n",
    "docs/data.md": "# Data\n",
}
SPLITS = {"train": [1, 2], "validation": [3], "held_out": [4, 5], "refit": [1, 2, 3, 4, 5]}
RECIPE = {"estimator": "stack", "features": ["grid"], "params": {"prior": 2.0}, "seed": 7, "stage": "pre_race"}
LOCK = """schema: '2.0'
stages:
  tables:
    outs: [{path: data/tables, md5: aa.dir}]
  features:
    outs: [{path: data/features, md5: bb.dir}]
  frames:
    outs: [{path: data/frames, md5: cc.dir}]
  train@order-pre_race:
    outs: [{path: models/order-pre_race, md5: dd.dir}]
"""


@dataclass
class Recorded:
    """A project, its fake run store, and the one training in it."""

    project: Project
    tracker: FakeTracker
    captured: Captured
    run_id: str


def git(root: Path, *arguments: str) -> str:
    """Run git as somebody."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@localhost", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def make_tracked(root: Path) -> Project:
    """Write a project's files and commit what git keeps of it."""
    project = Project(root)
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for folder in (project.frames, project.raw / "synthetic" / SNAPSHOT):
        folder.mkdir(parents=True)
    project.dvc_lock.write_text(LOCK)
    snapshot = {"hash": "f" * 64, "fetched_at": "2024-01-01T00:00:00+00:00"}
    (project.raw / "synthetic" / SNAPSHOT / "manifest.json").write_text(json.dumps(snapshot))
    cutoff = pd.to_datetime(["2024-03-02 15:00", "2024-03-09 15:00"], utc=True)
    pd.DataFrame({"race_id": [1, 2], "cutoff": cutoff}).to_parquet(project.frame(NAME))
    git(root, "init", "-q", "-b", "trunk")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return project


def capture_training(project: Project, tracker: FakeTracker) -> Captured:
    """Capture a training of the project."""
    path = project.frame(NAME)
    frame = FrameRef(NAME, path.relative_to(project.root).as_posix(), file_md5(path), 2, ("race_id", "cutoff"))
    work = training_work(
        NAME, "stack", load_params(project.params), experiment="pitwall-order", frame=frame, splits=SPLITS
    )
    provenance = {"git.dirty": "clean", "data.stale": "clean"}
    return capture(project, work, provenance, flow_run="flow-1", taken=tracker.names("pitwall-order"))


def record_training(project: Project, tracker: FakeTracker, files: Path) -> Recorded:
    """Do what a training does with its run store, without the training."""
    captured = capture_training(project, tracker)
    run_id = tracker.start("pitwall-order", captured.tags["pitwall.run_name"], captured.tags)
    path = project.frame(NAME)
    tracker.dataset(run_id, FrameRef(NAME, str(path), file_md5(path), 2, ()), "training")
    tracker.params(run_id, {"seed": 7})
    record = ManifestRecord(project, tracker, tracker, captured)
    record.begin(run_id)
    tracker.metrics(run_id, {"race_winner.log_loss": 1.2, "race_winner.brier": 0.1})
    tracker.curve(run_id, f"{PREFIX}log_loss", [(1, 0.7), (2, 0.5)])
    tracker.tag(run_id, {TAG: ROUNDS, "pitwall.model": NAME})
    tracker.metrics(run_id, {f"inference.{name}": 1.5 for name in ("p50_ms", "p95_ms", "p99_ms", "rows_per_s")})
    study = {"optuna.study": "s", "optuna.trials": "3", "pitwall.best_trial": "1", "optuna.sampler": "TPE"}
    tracker.tag(run_id, {**study, "optuna.pruner": "Median", "pitwall.version": "3", "pitwall.content": "e" * 64})
    for folder in ("pictures", "predictions"):
        (files / folder).write_text(folder)
        tracker.files(run_id, files / folder, folder)
    record.complete(run_id, RECIPE)
    tracker.finish(run_id, "FINISHED")
    return Recorded(project, tracker, captured, run_id)
