"""Repeat a run, step by step: gather, copy, fetch, run again, compare.

The repetition works in a scratch copy with a run store of its own: the project's data, models, runs and registry notice
nothing. Interpreter and packages are those of the process that asks; where they are not the run's, that is said before
anything is run.
"""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pitwall.domain.params import load_params
from pitwall.domain.ports import ModelFiles, RunFiles, Scratch
from pitwall.domain.project import Project
from pitwall.tracking.manifest import RunManifest, load, of_run
from pitwall.tracking.reproduce.cause import Cause, causes, damaged_data, version_warnings
from pitwall.tracking.reproduce.compare import compare
from pitwall.tracking.reproduce.ingredients import FOLDER, Ingredients, gather
from pitwall.tracking.reproduce.request import Original, Request
from pitwall.tracking.reproduce.settings import write_params
from pitwall.tracking.reproduce.verdict import Reproduction, judge

log = logging.getLogger(__name__)

REMADE = {"frames": (), "raw": ("tables", "features", "frames")}
# DVC keeps no frame of a model that params.yaml does not list: its training makes one, of features that are made again.
UNLISTED = {"frames": ("features",), "raw": ("tables", "features")}


def reproduce(
    project: Project, subject: Original, request: Request, *, runs: RunFiles, registry: ModelFiles, scratch: Scratch
) -> Reproduction:
    """Repeat a run in a scratch copy and return the verdict; the copy is left where it is.

    Args:
        project: where the run was made; only read.
        subject: the run and its version.
        request: from where, and what is changed on purpose.
        runs: the files that runs kept.
        registry: the folders of model versions.
        scratch: the copy to work in.

    Raises:
        NotRepeatable: something that the repetition needs is missing; lists it.
    """
    started = time.perf_counter()
    manifest = of_run(runs, subject.run_id)
    parts = gather(runs, subject.run_id, manifest)
    own = parts.package["name"] if parts.package else None  # brought in the run's version, or the run is refused
    warnings = version_warnings(*([each for each in found if each[0] != own] for found in _versions(manifest)))
    for warning in warnings:
        log.warning("warning: %s", warning)
    damaged = _prepare(project, parts, request, scratch, subject.version.model)
    if damaged:
        found = damaged_data(damaged)
        made = Reproduction(subject, "different", found, None, request.tolerance, warnings)
    else:
        made = replace(_repeat(subject, manifest, request, registry, scratch), warnings=warnings)
    return replace(made, seconds=time.perf_counter() - started)


def _prepare(project: Project, parts: Ingredients, request: Request, scratch: Scratch, model: str) -> list[str]:
    """Fill the scratch copy with code, parameters and data; return the data files that are not what was recorded."""
    log.info("code: %s%s", request.revision or parts.commit, " and its patch" if _patch(parts, request) else "")
    scratch.checkout(request.revision or parts.commit, _patch(parts, request))
    if parts.package:
        log.info(
            "package: %s", scratch.use_package(**{key: parts.package[key] for key in ("name", "version", "sha256")})
        )
    if parts.spec is not None:
        shutil.copytree(parts.spec, scratch.project.state / "specs" / model.rsplit("-", 1)[0], dirs_exist_ok=True)
    write_params(parts.params, scratch.project.params, request.settings)
    shutil.copyfile(parts.lock if request.data == "recorded" else project.dvc_lock, scratch.project.dvc_lock)
    outs = _outs(request, scratch.project, model)
    log.info("data: %s from DVC's remote", ", ".join(outs))
    return scratch.fetch(outs)


def _repeat(
    subject: Original, manifest: RunManifest, request: Request, registry: ModelFiles, scratch: Scratch
) -> Reproduction:
    """Run the stages again and compare what they made with what the run registered."""
    model = subject.version.model
    listed = _listed(model, scratch.project)
    remade = REMADE[request.start] if listed else UNLISTED[request.start]
    for stage in (*remade, *([f"train@{model}"] if listed else [])):
        log.info("run again: %s", stage)
        scratch.rerun(stage, _variables(manifest))
    if not listed:
        log.info("run again: frame and training of %s", model)
        scratch.train(model, _variables(manifest))
    folder = scratch.project.root / subject.folder
    comparison = compare(registry.fetch(model, subject.version.version), folder)
    found = _causes(manifest, request, scratch.project)
    return Reproduction(subject, judge(comparison, request.tolerance), found, comparison, request.tolerance)


def _causes(manifest: RunManifest, request: Request, scratch: Project) -> tuple[Cause, ...]:
    """Compare the run's manifest with the one that its repetition wrote."""
    written = sorted(scratch.mlruns.rglob(f"{FOLDER}/manifest.json"))
    if written:
        return causes(manifest, load(written[-1]))
    return (Cause("code", f"commit was {manifest.code['commit']}, is {request.revision}, which writes no manifest"),)


def _patch(parts: Ingredients, request: Request) -> Path | None:
    return None if request.revision else parts.patch


def _listed(model: str, scratch: Project) -> bool:
    """Whether params.yaml lists a registered model, so that DVC keeps its frame and trains it."""
    return model.rsplit("-", 1)[0] in load_params(scratch.params).models


def _outs(request: Request, scratch: Project, model: str) -> list[str]:
    if request.start == "raw":
        return [f"data/raw/{source}" for source in sorted(load_params(scratch.params).sources)]
    return ["data/tables", "data/frames"] if _listed(model, scratch) else ["data/tables"]


def _variables(manifest: RunManifest) -> dict[str, str | None]:
    """Return the environment variables that change numbers, as the run had them."""
    threads = manifest.environment["threads"]
    hash_seed = str(manifest.seeds.get("python_hash_seed"))
    known = dict(threads) if isinstance(threads, dict) else {}
    return {**known, "PYTHONHASHSEED": hash_seed if hash_seed.isdigit() else None}


def _versions(manifest: RunManifest) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the packages of a run, and those that are installed here."""
    return _recorded(manifest), _installed(manifest)


def _recorded(manifest: RunManifest) -> list[tuple[str, str]]:
    versions = manifest.environment["versions"]
    return sorted(versions.items()) if isinstance(versions, dict) else []


def _installed(manifest: RunManifest) -> list[tuple[str, str]]:
    found = []
    for package, _ in _recorded(manifest):
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found
