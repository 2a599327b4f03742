"""The checklists hold for a recorded training, and each item notices when just its own thing is gone."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from pitwall.domain.ports import Measured
from pitwall.domain.records.curves import NONE, TAG
from pitwall.testing import FakeTracker
from pitwall.tracking import seeds
from pitwall.tracking.checklists.evidence import Evidence, gather
from pitwall.tracking.checklists.items import CHECKLIST
from pitwall.tracking.checklists.lint import judge, lint
from pitwall.tracking.config import ExperimentConfig
from pitwall.tracking.sections.unknown import unknown
from pitwall.workflows.notebook.experiment import ReproducibleExperiment

ITEMS = {item.name: item for item in CHECKLIST}
Omit = Callable[[Evidence], Evidence]


@pytest.fixture(scope="module")
def good(recorded) -> Evidence:
    return gather(recorded.tracker, recorded.tracker.read(recorded.run_id), recorded.project)


def _field(section: str, name: str, value: object) -> Omit:
    return lambda e: replace(e, manifest=e.manifest.with_(**{section: {name: value}}))


def _not_kept(name: str) -> Omit:
    return lambda e: replace(e, kept={key: value for key, value in e.kept.items() if key != name})


def _no_project_file(name: str) -> Omit:
    return lambda e: replace(e, project={key: value for key, value in e.project.items() if key != name})


def _history(name: str, *steps: int, final: bool = False) -> Omit:
    return lambda e: replace(e, histories={**e.histories, name: [Measured(step, 1.0, 0, final) for step in steps]})


def _without(part: str, *names: str) -> Omit:
    def omit(e: Evidence) -> Evidence:
        if part == "histories":
            return replace(e, histories={key: value for key, value in e.histories.items() if key not in names})
        kept = {key: value for key, value in getattr(e.run, part).items() if key not in names}
        return replace(e, run=replace(e.run, **{part: kept}))

    return omit


def _run(**changed: object) -> Omit:
    return lambda e: replace(e, run=replace(e.run, **changed))


def _tag(name: str, value: str) -> Omit:
    return lambda e: replace(e, run=replace(e.run, tags={**e.run.tags, name: value}))


def _no_files_in(folder: str) -> Omit:
    return lambda e: replace(e, artifacts=frozenset(path for path in e.artifacts if not path.startswith(f"{folder}/")))


def _lock_without_frames(e: Evidence) -> Evidence:
    lock = e.kept["dvc.lock"].replace(b"\n  frames:", b"\n  other:")
    return replace(e, kept={**e.kept, "dvc.lock": lock})


GONE = unknown("planted")
SECRET = [{"file": "a.py", "line": 1, "kind": "AWS key"}]
OMISSIONS: dict[str, list[Omit]] = {
    "commit": [_field("code", "commit", GONE), _field("code", "branch", GONE)],
    "uncommitted changes": [_field("code", "patch", "f" * 64), _field("code", "patch", GONE)],
    "untracked files": [_field("code", "untracked", GONE)],
    "no secrets": [_field("code", "secrets", SECRET), _field("code", "secrets", GONE)],
    "notebooks": [_no_project_file(".pre-commit-config.yaml")],
    "manual steps": [lambda e: replace(e, manifest=replace(e.manifest, manual_steps=None))],
    "locked dependencies": [_not_kept("requirements.lock"), _field("environment", "lock", GONE)],
    "pip freeze": [_not_kept("installed.txt")],
    "Python version": [_no_project_file(".python-version"), _field("environment", "python", "3.110.1")],
    "hardware": [_field("environment", name, GONE) for name in ("cpu", "memory_gb", "threads", "blas")],
    "GPU": [_field("environment", "gpu", GONE)],
    "container": [_no_project_file("Dockerfile")],
    "DVC": [_field("data", "dvc_lock", GONE), _field("data", "outs", {}), _not_kept("dvc.lock")],
    "dataset": [_run(datasets=()), _run(datasets=(("order-pre_race", "other"),))],
    "dataset version": [_without("tags", "dataset_version"), _tag("dataset_version", GONE)],
    "collection": [_field("data", "snapshots", {}), _no_project_file("docs/data.md")],
    "preprocessing": [_lock_without_frames],
    "features": [_field("data", "feature_service", GONE), _field("data", "vintage", GONE)],
    "split indices": [_not_kept("splits.json"), _field("data", "splits", {"sha256": "0" * 64})],
    "seeds": [_field("seeds", name, None) for name in ("python", "numpy", "torch", "xgboost", "optuna")],
    "hyperparameters": [_field("config", "params", {}), _field("config", "recipe", GONE), _run(params={})],
    "configuration file": [_not_kept("params.yaml")],
    "checkpoint": [_without("tags", "pitwall.version"), _without("tags", "pitwall.content")],
    "non-determinism": [lambda e: replace(e, manifest=replace(e.manifest, nondeterminism=[]))],
    "study": [_field("orchestration", "optuna", GONE), _field("orchestration", "optuna", {"study": "s"})],
    "predictions": [_no_files_in("predictions")],
    "plots": [_no_files_in("pictures")],
    "primary metric": [_without("metrics", "race_winner.log_loss", "race_winner.brier")],
    "secondary metrics": [_without("metrics", "race_winner.brier")],
    "resources": [_without("metrics", f"resources.{name}") for name in ("seconds", "cpu_seconds", "peak_memory_mb")],
    "latency": [_without("metrics", f"inference.{name}") for name in ("p50_ms", "p95_ms", "p99_ms")],
    "throughput": [_without("metrics", "inference.rows_per_s")],
    "hashes": [
        lambda e: replace(e, manifest=replace(e.manifest, artifacts=GONE)),
        lambda e: replace(e, changed=("predictions",)),
    ],
    "parameters first": [
        _field("orchestration", "logged_first", {"params": 1, "metrics": 1}),
        _field("orchestration", "logged_first", {"params": 0, "metrics": 0}),
        _field("orchestration", "logged_first", None),
    ],
    "curve": [_without("histories", "fit.train_log_loss"), _history("fit.train_log_loss", 0)],
    "finished": [_run(status="FAILED"), _run(status="RUNNING")],
    "finals": [
        _history("race_winner.log_loss", 0, 1, 0),
        _history("race_winner.log_loss", 1, 2, final=True),
        lambda e: _history("race_winner.log_loss", 1)(_history("race_winner.brier", 1)(e)),
    ],
    "experiment type": [_without("tags", "experiment_type"), _tag("experiment_type", "mystery")],
    "experiment name": [_run(experiment="Default")],
    "run name": [_run(name="order-pre_race")],
    "model name": [_without("tags", "pitwall.model_name"), _tag("pitwall.model_name", "stack")],
    "path": [_without("tags", "pitwall.path")],
    "timestamp": [_without("tags", "run_timestamp")],
}
# without any metric there is no second one either; without the lock file nothing says how the frame came about
IMPLIED = {("primary metric", "secondary metrics"), ("primary metric", "finals"), ("DVC", "preprocessing")}


def test_a_recorded_training_passes_every_item(good):
    assert [finding.item for finding in judge(good) if not finding.passed] == []


def test_every_item_has_a_planted_omission_and_says_what_to_do():
    assert set(OMISSIONS) == set(ITEMS)
    assert all(item.asks and item.todo for item in CHECKLIST)


@pytest.mark.parametrize(
    ("name", "number"), [(name, n) for name, omits in OMISSIONS.items() for n in range(len(omits))]
)
def test_each_item_notices_its_own_omission_alone(good, name, number):
    missing = {finding.item for finding in judge(OMISSIONS[name][number](good)) if finding.verdict == "MISSING"}
    assert name in missing
    assert missing - {name} <= {implied for item, implied in IMPLIED if item == name}


def test_a_run_without_a_manifest_is_reported_not_crashed_on(recorded):
    tracker = FakeTracker()
    run_id = tracker.start("e", "n", {})
    report = lint(tracker, tracker.read(run_id), recorded.project)
    assert len(report.missing) > 20
    passed = {finding.item for finding in report.findings if finding.passed}
    assert passed == {"notebooks", "container"}
    assert json.loads(json.dumps(report.row()))["complete"] is False


def test_a_default_configuration_needs_no_study(good):
    said = unknown("nothing was searched; the default configuration was taken")
    (finding,) = [each for each in judge(_field("orchestration", "optuna", said)(good)) if each.item == "study"]
    assert finding.passed


def test_an_estimator_without_rounds_needs_no_curve(good):
    (finding,) = [
        each
        for each in judge(_tag(TAG, NONE)(_without("histories", "fit.train_log_loss")(good)))
        if each.item == "curve"
    ]
    assert finding.passed


def test_a_changed_or_lost_artifact_is_named(recorded):
    run = recorded.tracker.runs[recorded.run_id]
    kept = dict(run.contents)
    run.contents["pictures/pictures"] += b"?"
    del run.contents["predictions/predictions"]
    report = lint(recorded.tracker, recorded.tracker.read(recorded.run_id), recorded.project)
    run.contents |= kept
    (finding,) = [each for each in report.missing if each.item == "hashes"]
    assert "take pictures/pictures, predictions/predictions from a copy" in finding.todo


NOT_ASKED = {
    *("dataset", "collection", "features", "checkpoint", "curve", "predictions", "plots", "latency", "throughput"),
    "model name",
}


@pytest.mark.parametrize("fault", ["", "finals", "parameters first", "split indices"])
def test_an_experiment_of_ones_own_is_asked_what_applies_to_it(project, monkeypatch, fault):
    monkeypatch.setattr(seeds, "find_spec", lambda name: None)  # PyTorch takes seconds to load
    tracker, config = FakeTracker(), {} if fault == "parameters first" else {"rounds": 3}
    splits = None if fault == "split indices" else {"train": [1], "held_out": [2]}
    experiment = ReproducibleExperiment(ExperimentConfig(config), tracker, tracker, project, splits=splits)

    def train(config, run):
        for step in range(3):
            run.log_metric("loss", 1.0 / (step + 1), step)
        return {"loss" if fault == "finals" else "final_loss": 0.3, "accuracy": 0.5}

    experiment.run(train)
    report = lint(tracker, tracker.read(experiment.run_id), project)
    said = {each.item: each.verdict for each in report.findings}
    assert {item for item, verdict in said.items() if verdict == "not asked"} == NOT_ASKED
    implied = {"hyperparameters"} if fault == "parameters first" else set()
    assert all("`ReproducibleExperiment`" in each.todo for each in report.missing if each.item != "finals")
    assert {each.item for each in report.missing} == ({fault} if fault else set()) | implied
