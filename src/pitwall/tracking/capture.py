"""Capture the manifest of a training before its first step: every section that is known by then, and the files beside it.

Costs well under a second: git is asked a few times, installed versions are read once in a process, and of DVC only the lock
file is read.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pitwall.domain import clock
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef
from pitwall.domain.secrets import FoundSecret, redact, redact_values
from pitwall.tracking import names
from pitwall.tracking.config import ExperimentConfig
from pitwall.tracking.mandatory import type_of_training, version_of_data, with_mandatory
from pitwall.tracking.manifest import RunManifest
from pitwall.tracking.sections import environment, nondeterminism
from pitwall.tracking.sections.code import code
from pitwall.tracking.sections.data import Splits, data, splits_file
from pitwall.tracking.sections.unknown import unknown
from pitwall.tracking.seeds import seed_everything

NO_FLOW = unknown("not run by a flow")
MANUAL_STEPS = "manual_steps.txt"
KEPT = ("params.yaml", "dvc.lock", "requirements.lock")


@dataclass(frozen=True)
class Captured:
    """A manifest as far as it is known, the files that belong beside it by name, and the tags of its run."""

    manifest: RunManifest
    files: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """What is to be recorded.

    Attributes:
        description: what is trained, e.g. order-pre_race; a part of the run's name.
        variant: what is special about it, e.g. the estimator.
        experiment: the experiment of the run.
        config: all settings by value.
        seed: of everything.
        experiment_type: one of `names.EXPERIMENT_TYPES`.
        sources: data sources in use.
        frame: what is learned from.
        splits: race ids by use.
        load_torch: load PyTorch to seed it.
    """

    description: str
    variant: str
    experiment: str
    config: Mapping[str, Any]
    seed: int
    experiment_type: str = "baseline"
    sources: Sequence[str] = ()
    frame: FrameRef | None = None
    splits: Splits | None = None
    load_torch: bool = False


def training_work(
    name: str,
    estimator: str,
    params: Params,
    *,
    experiment: str,
    frame: FrameRef,
    splits: Splits,
    spec: Mapping[str, Any] | None = None,
) -> Work:
    """Return the work of training a registered model `<model>-<stage>` with an estimator.

    Args:
        name: of the model.
        estimator: its estimator.
        params: of the project.
        experiment: of the run.
        frame: what is learned from.
        splits: race ids by use.
        spec: what was ordered, of a user's model: a part of the configuration.
    """
    config = params.model_dump(mode="json") | ({"spec": dict(spec)} if spec else {})
    kind = type_of_training(params)
    return Work(name, estimator, experiment, config, params.seed, kind, sorted(params.sources), frame, splits)


def capture(
    project: Project,
    work: Work,
    provenance: Mapping[str, str],
    *,
    flow_run: str | None = None,
    manual_steps: Sequence[str] = (),
    taken: Collection[str] = (),
) -> Captured:
    """Seed everything and return what is known of a run before its first step.

    Args:
        project: the project; outside git or without DVC's lock the manifest says unknown and why.
        work: what is to be recorded.
        provenance: what the run is tagged with in any case; says what is stale.
        flow_run: id of the Prefect flow run.
        manual_steps: what was done by hand, besides the lines of `manual_steps.txt`.
        taken: names of runs that exist.

    Raises:
        UnknownName: there is no such type of experiment.
    """
    now = clock.wall()
    in_code, files = code(project.root)
    kept, found = _kept(project)
    machine = environment.environment(project.root)
    seeds = seed_everything(work.seed, load_torch=work.load_torch)
    config_hash = ExperimentConfig(work.config).hash()
    stale = provenance.get("data.stale", unknown("nobody asked DVC"))
    on_data = data(project, work.sources, in_code["commit"], stale, frame=work.frame, splits=work.splits)
    tags = with_mandatory(
        provenance,
        experiment_type=work.experiment_type,
        dataset_version=version_of_data(work.sources, on_data["outs"]),
    )
    manifest = RunManifest(
        subject=_subject(work, config_hash, now, taken),
        code=_with_secrets(in_code, found),
        data=on_data,
        config={"hash": config_hash, "params": redact_values(work.config)},
        seeds=seeds,
        environment=machine,
        orchestration=_orchestration(flow_run),
        nondeterminism=nondeterminism.sources(machine, seeds),
        manual_steps=[*_noted(project), *manual_steps],
    )
    files |= {**kept, "installed.txt": environment.installed_file(machine)}
    if work.splits is not None:
        files["splits.json"] = splits_file(work.splits)
    return Captured(manifest, files, {**manifest.tags(), **tags})


def _subject(work: Work, config_hash: str, now: datetime, taken: Collection[str]) -> dict[str, Any]:
    unique = f"{config_hash} {now.isoformat()}"
    return {
        "model": work.description,
        "experiment": work.experiment,
        "experiment_type": work.experiment_type,
        "run_name": names.run_name(now.date(), work.description, work.variant, taken, unique),
        "path": names.run_path(work.experiment_type, now.date(), config_hash),
        "captured_at": now.isoformat(timespec="milliseconds"),
    }


def _orchestration(flow_run: str | None) -> dict[str, Any]:
    started_by = "flow" if flow_run else "dvc" if "DVC_STAGE" in os.environ else "direct"
    later = unknown("the run is not open yet")
    return {"started_by": started_by, "prefect": {"flow_run": flow_run or NO_FLOW}, "optuna": later, "mlflow": later}


def _noted(project: Project) -> list[str]:
    """Return the lines of the project's file of manual steps; empty ones and comments are left out."""
    path = project.root / MANUAL_STEPS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _kept(project: Project) -> tuple[dict[str, bytes], list[FoundSecret]]:
    """Return the files that are kept byte for byte, but for secrets, and the secrets."""
    files, secrets = {}, []
    for name in KEPT:
        if (project.root / name).is_file():
            text, found = redact((project.root / name).read_bytes().decode("utf-8"), name)
            files[name] = text.encode()
            secrets += found
    return files, secrets


def _with_secrets(section: dict[str, Any], found: Sequence[FoundSecret]) -> dict[str, Any]:
    """Return the section on code with the secrets that were found in kept files added to those of the patch."""
    known = section["secrets"] if isinstance(section["secrets"], list) else []
    return {**section, "secrets": [*known, *(each.row() for each in found)]} if found else section
