"""The items of the reproducibility checklists: what each asks of which runs, how it is seen, what to do when it is missing.

Two published lists are joined here: the short one (commit, environment, seeds, data, configuration) and the long one by
topic (code, environment, data, training), with the conventions of names and the columns of a comparison of models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pitwall.tracking.checklists import checks
from pitwall.tracking.checklists.evidence import Evidence
from pitwall.tracking.mandatory import EXPERIMENT_TYPE
from pitwall.tracking.names import EXPERIMENT_TYPES

TRAIN = "train again with `pitwall train` (or `dvc repro`), which records it"
OWN = "run it again as a `ReproducibleExperiment`, which records it"
RESTORE = "restore it from git"
HARDWARE = ("cpu", "cores_logical", "memory_gb", "threads", "blas")
SEEDED = ("python", "numpy", "torch", "xgboost", "optuna")
LATENCY = ("p50_ms", "p95_ms", "p99_ms")
COSTS = ("seconds", "cpu_seconds", "peak_memory_mb")


def every_run(_: Evidence) -> bool:
    """Ask it of every run."""
    return True


def models(evidence: Evidence) -> bool:
    """Ask it of trainings and searches: an experiment of one's own need not read the project's data."""
    return evidence.of_a_model


def trainings(evidence: Evidence) -> bool:
    """Ask it of trainings alone: nothing else registers a model and measures it."""
    return evidence.trains


def again(evidence: Evidence) -> str:
    """Return what records again all that a run of its kind can have."""
    return TRAIN if evidence.of_a_model else OWN


@dataclass(frozen=True)
class Item:
    """One item: the topic it belongs to, its name, what it asks, how it is seen, what to do when it is missing, and of whom it is asked."""

    topic: str
    name: str
    asks: str
    check: Callable[[Evidence], bool]
    todo: str | Callable[[Evidence], str] = again
    asked: Callable[[Evidence], bool] = every_run


CHECKLIST = (
    Item("code", "commit", "the git commit is pinned", lambda e: e.holds("code.commit", "code.branch")),
    Item("code", "uncommitted changes", "the difference to the commit is kept as a patch with its hash", checks.patch),
    Item("code", "untracked files", "files that git does not know are listed", lambda e: e.says("code.untracked")),
    Item(
        "code",
        "no secrets",
        "nothing in the uncommitted work looks like a secret",
        checks.clean_of_secrets,
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
    Item("environment", "locked dependencies", "the lock file and the installed versions are kept", checks.lock),
    Item("environment", "pip freeze", "installed versions as a file", lambda e: bool(e.kept.get("installed.txt"))),
    Item(
        "environment",
        "Python version",
        "Python is the one that .python-version names",
        checks.python,
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
    Item("data", "DVC", "DVC's lock, revision and hashes of the data", checks.dvc),
    Item(
        "data",
        "dataset",
        "the run is linked to the frame that it read, by hash",
        lambda e: e.field("data.frame.md5") in {digest for _, digest in e.run.datasets},
        asked=models,
    ),
    Item("data", "dataset version", "which version of the data, as a tag that runs are searched by", checks.versioned),
    Item(
        "data",
        "collection",
        "raw snapshots are named, and docs/data.md says how they are collected",
        lambda e: e.holds("data.snapshots", "data.known_until") and bool(e.project.get("docs/data.md")),
        f"train on a source (`pitwall data use`); if docs/data.md is missing, {RESTORE}",
        asked=models,
    ),
    Item(
        "data",
        "preprocessing",
        "the steps from raw data to the frame are stages in the kept dvc.lock",
        checks.preparation,
        asked=models,
    ),
    Item(
        "data",
        "features",
        "the feature service and the instant up to which it was asked",
        lambda e: e.holds("data.feature_service", "data.vintage"),
        asked=models,
    ),
    Item(
        "data",
        "split indices",
        "race ids of training, validation and held-out races are kept with their hash",
        checks.splits,
        lambda e: again(e) if e.of_a_model else f"{OWN}, and name them as its `splits`",
    ),
    Item(
        "training",
        "seeds",
        "Python, NumPy, PyTorch, XGBoost and Optuna are seeded and the seeds recorded",
        lambda e: e.holds(*(f"seeds.{name}" for name in SEEDED)),
    ),
    Item(
        "training",
        "hyperparameters",
        "parameters by value, of a model the recipe that was found, both logged",
        checks.hyperparameters,
    ),
    Item(
        "training",
        "parameters first",
        "parameters were logged before the first number",
        checks.parameters_first,
        lambda e: again(e) if e.of_a_model else f"{OWN}, with the settings in its configuration",
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
        asked=trainings,
    ),
    Item(
        "training",
        "non-determinism",
        "what may vary nevertheless is stated",
        lambda e: e.holds("nondeterminism"),
    ),
    Item(
        "training",
        "study",
        "the search and its best trial are named, or why there was none",
        checks.study,
        asked=models,
    ),
    Item(
        "training",
        "curve",
        "the loss of the final fit round by round, where its estimator learns in rounds",
        checks.curve,
        asked=trainings,
    ),
    Item(
        "training",
        "finished",
        "the run came to its end",
        lambda e: e.run.status == "FINISHED",
        "look at its tag `error`, and run it again",
    ),
    Item(
        "artifacts",
        "predictions",
        "out-of-sample predictions are kept",
        lambda e: e.below("predictions"),
        asked=trainings,
    ),
    Item("artifacts", "plots", "pictures of the judgement are kept", lambda e: e.below("pictures"), asked=trainings),
    Item(
        "artifacts",
        "hashes",
        "every file that the run held is in the manifest with its hash, and has it still",
        lambda e: e.holds("artifacts") and not e.changed,
        lambda e: f"take {', '.join(e.changed)} from a copy of the run store, or {again(e)}" if e.changed else again(e),
    ),
    Item("comparison", "primary metric", "at least one metric of quality", lambda e: len(checks.results(e)) >= 1),
    Item("comparison", "secondary metrics", "further metrics that constrain it", lambda e: len(checks.results(e)) >= 2),
    Item(
        "comparison",
        "finals",
        "final results stand apart from the steps of histories",
        checks.finals_apart,
        "log final numbers without a step, under names that no history has",
    ),
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
        asked=trainings,
    ),
    Item(
        "comparison",
        "throughput",
        "rows per second",
        lambda e: "inference.rows_per_s" in e.run.metrics,
        asked=trainings,
    ),
    Item(
        "names",
        "experiment type",
        f"{', '.join(EXPERIMENT_TYPES[:-1])} or {EXPERIMENT_TYPES[-1]}, as a tag",
        lambda e: e.run.tags.get(EXPERIMENT_TYPE) in EXPERIMENT_TYPES,
    ),
    Item("names", "experiment name", "{project}-{objective}", lambda e: checks.named("experiment", e.run.experiment)),
    Item("names", "run name", "{date}-{description}-{variant}", lambda e: checks.named("run", e.run.name)),
    Item(
        "names",
        "model name",
        "{architecture}-{dataset}-{version}",
        lambda e: checks.named("model", e.run.tags.get("pitwall.model_name", "")),
        asked=trainings,
    ),
    Item(
        "names",
        "path",
        "{project}/{experiment_type}_{date}/run_{config_hash}",
        lambda e: checks.named("path", e.run.tags.get("pitwall.path", "")),
    ),
    Item("names", "timestamp", "when the run was started, as a tag", lambda e: bool(e.run.tags.get("run_timestamp"))),
)
