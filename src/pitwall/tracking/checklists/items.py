"""The items of the reproducibility checklists: what each asks of a run, how it is seen, what to do when it is missing.

Two published lists are joined here: the short one (commit, environment, seeds, data, configuration) and the long one by
topic (code, environment, data, training), with the conventions of names and the columns of a comparison of models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pitwall.tracking.canonical import MISSING
from pitwall.tracking.checklists.evidence import Evidence
from pitwall.tracking.mandatory import DATASET_VERSION, EXPERIMENT_TYPE
from pitwall.tracking.names import EXPERIMENT_TYPES, problem
from pitwall.tracking.sections.unknown import is_unknown

TRAIN = "train again with `pitwall train` (or `dvc repro`), which records it"
RESTORE = "restore it from git"
HARDWARE = ("cpu", "cores_logical", "memory_gb", "threads", "blas")
SEEDED = ("python", "numpy", "torch", "xgboost", "optuna")
LATENCY = ("p50_ms", "p95_ms", "p99_ms")
COSTS = ("seconds", "cpu_seconds", "peak_memory_mb")
OTHER_METRICS = ("inference.", "resources.")
PREPARATION = ("tables", "features", "frames")


@dataclass(frozen=True)
class Item:
    """One item: the topic it belongs to, its name, what it asks, how it is seen, and what to do when it is missing."""

    topic: str
    name: str
    asks: str
    check: Callable[[Evidence], bool]
    todo: str = TRAIN


def _patch(evidence: Evidence) -> bool:
    patch = evidence.field("code.patch")
    return evidence.says("code.patch") and patch == evidence.sha256("code.patch")


def _clean_of_secrets(evidence: Evidence) -> bool:
    return evidence.says("code.secrets") and evidence.field("code.secrets") == []


def _lock(evidence: Evidence) -> bool:
    return evidence.holds("environment.lock", "environment.versions") and "requirements.lock" in evidence.kept


def _python(evidence: Evidence) -> bool:
    pinned = evidence.project.get(".python-version", "").strip()
    return bool(pinned) and f"{evidence.field('environment.python')}.".startswith(f"{pinned}.")


def _dvc(evidence: Evidence) -> bool:
    return evidence.holds("data.dvc_lock", "data.dvc_rev", "data.outs") and "dvc.lock" in evidence.kept


def _preparation(evidence: Evidence) -> bool:
    lock = evidence.kept.get("dvc.lock", b"").decode()
    return all(f"\n  {stage}:" in lock for stage in PREPARATION)


def _splits(evidence: Evidence) -> bool:
    return evidence.holds("data.splits.sha256") and evidence.field("data.splits.sha256") == evidence.sha256(
        "splits.json"
    )


def _hyperparameters(evidence: Evidence) -> bool:
    return evidence.holds("config.params", "config.recipe") and bool(evidence.run.params)


def _study(evidence: Evidence) -> bool:
    found = evidence.field("orchestration.optuna")
    if isinstance(found, str):
        return "default configuration" in found
    return (
        found is not MISSING
        and evidence.holds("orchestration.optuna.study")
        and evidence.says("orchestration.optuna.best_trial")
    )


def _results(evidence: Evidence) -> list[str]:
    return [name for name in evidence.run.metrics if not name.startswith(OTHER_METRICS)]


def _versioned(evidence: Evidence) -> bool:
    version = evidence.run.tags.get(DATASET_VERSION, "")
    return bool(version) and not is_unknown(version)


def _named(kind: str, name: str) -> bool:
    return not problem(kind, name)


CHECKLIST = (
    Item("code", "commit", "the git commit is pinned", lambda e: e.holds("code.commit", "code.branch")),
    Item("code", "uncommitted changes", "the difference to the commit is kept as a patch with its hash", _patch),
    Item("code", "untracked files", "files that git does not know are listed", lambda e: e.says("code.untracked")),
    Item(
        "code",
        "no secrets",
        "nothing in the uncommitted work looks like a secret",
        _clean_of_secrets,
        "take the secret out of the files that `code.secrets` names, change it where it is used, and train again",
    ),
    Item(
        "code",
        "notebooks",
        "notebooks are committed without outputs (nbstripout)",
        lambda e: "nbstripout" in e.project.get(".pre-commit-config.yaml", ""),
        f"put a hook for nbstripout into .pre-commit-config.yaml, or {RESTORE}",
    ),
    Item(
        "code",
        "manual steps",
        "what was done by hand is written down; an empty list says nothing was",
        lambda e: e.says("manual_steps"),
    ),
    Item("environment", "locked dependencies", "the lock file and the installed versions are kept", _lock),
    Item("environment", "pip freeze", "installed versions as a file", lambda e: bool(e.kept.get("installed.txt"))),
    Item(
        "environment",
        "Python version",
        "Python is the one that .python-version names",
        _python,
        f"run with the Python of .python-version; if the file is missing, {RESTORE}",
    ),
    Item(
        "environment",
        "hardware",
        "processor, memory, threads and linear algebra are recorded",
        lambda e: e.holds(*(f"environment.{name}" for name in HARDWARE)),
    ),
    Item("environment", "GPU", "which GPU, or that there is none", lambda e: e.holds("environment.gpu")),
    Item(
        "environment",
        "container",
        "a Dockerfile says how to build the environment from the lock",
        lambda e: "requirements.lock" in e.project.get("Dockerfile", ""),
        f"write a Dockerfile that installs requirements.lock, or {RESTORE}",
    ),
    Item("data", "DVC", "DVC's lock, revision and hashes of the data", _dvc),
    Item(
        "data",
        "dataset",
        "the run is linked to the frame that it read, by hash",
        lambda e: e.field("data.frame.md5") in {digest for _, digest in e.run.datasets},
    ),
    Item("data", "dataset version", "which version of the data, as a tag that runs are searched by", _versioned),
    Item(
        "data",
        "collection",
        "raw snapshots are named, and docs/data.md says how they are collected",
        lambda e: e.holds("data.snapshots", "data.known_until") and bool(e.project.get("docs/data.md")),
        f"train on a source (`pitwall data use`); if docs/data.md is missing, {RESTORE}",
    ),
    Item("data", "preprocessing", "the steps from raw data to the frame are stages in the kept dvc.lock", _preparation),
    Item(
        "data",
        "features",
        "the feature service and the instant up to which it was asked",
        lambda e: e.holds("data.feature_service", "data.vintage"),
    ),
    Item(
        "data", "split indices", "race ids of training, validation and held-out races are kept with their hash", _splits
    ),
    Item(
        "training",
        "seeds",
        "Python, NumPy, PyTorch, XGBoost and Optuna are seeded and the seeds recorded",
        lambda e: e.holds(*(f"seeds.{name}" for name in SEEDED)),
    ),
    Item(
        "training", "hyperparameters", "parameters by value, the recipe that was found, both logged", _hyperparameters
    ),
    Item(
        "training",
        "configuration file",
        "params.yaml is a file of the run",
        lambda e: bool(e.kept.get("params.yaml")),
    ),
    Item(
        "training",
        "checkpoint",
        "the model is registered under its content hash",
        lambda e: {"pitwall.version", "pitwall.content"} <= set(e.run.tags),
    ),
    Item(
        "training",
        "non-determinism",
        "what may vary nevertheless is stated",
        lambda e: e.holds("nondeterminism"),
    ),
    Item("training", "study", "the search and its best trial are named, or why there was none", _study),
    Item("artifacts", "predictions", "out-of-sample predictions are kept", lambda e: e.below("predictions")),
    Item("artifacts", "plots", "pictures of the judgement are kept", lambda e: e.below("pictures")),
    Item("comparison", "primary metric", "at least one metric of quality", lambda e: len(_results(e)) >= 1),
    Item("comparison", "secondary metrics", "further metrics that constrain it", lambda e: len(_results(e)) >= 2),
    Item(
        "comparison",
        "resources",
        "seconds, CPU seconds and peak memory of the training",
        lambda e: {f"resources.{name}" for name in COSTS} <= set(e.run.metrics),
    ),
    Item(
        "comparison",
        "latency",
        "median, 95th and 99th percentile for one race",
        lambda e: {f"inference.{name}" for name in LATENCY} <= set(e.run.metrics),
    ),
    Item("comparison", "throughput", "rows per second", lambda e: "inference.rows_per_s" in e.run.metrics),
    Item(
        "names",
        "experiment type",
        f"{', '.join(EXPERIMENT_TYPES[:-1])} or {EXPERIMENT_TYPES[-1]}, as a tag",
        lambda e: e.run.tags.get(EXPERIMENT_TYPE) in EXPERIMENT_TYPES,
    ),
    Item("names", "experiment name", "{project}-{objective}", lambda e: _named("experiment", e.run.experiment)),
    Item("names", "run name", "{date}-{description}-{variant}", lambda e: _named("run", e.run.name)),
    Item(
        "names",
        "model name",
        "{architecture}-{dataset}-{version}",
        lambda e: _named("model", e.run.tags.get("pitwall.model_name", "")),
    ),
    Item(
        "names",
        "path",
        "{project}/{experiment_type}_{date}/run_{config_hash}",
        lambda e: _named("path", e.run.tags.get("pitwall.path", "")),
    ),
    Item("names", "timestamp", "when the run was started, as a tag", lambda e: bool(e.run.tags.get("run_timestamp"))),
)
