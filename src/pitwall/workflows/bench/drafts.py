"""Models that people order from a notebook: train what a spec says, and deploy it under a name, through every gate.

A training is that of every other model, step by step, but for the registry: what nobody has named is a draft, with its run, its
manifest and its files. A name makes a version of it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pitwall.domain.errors import ProjectNotFound, StageError, UsageError
from pitwall.domain.plugins.provenance import check_declared
from pitwall.domain.project import Project, find_project
from pitwall.ml.automl.choice import POOL
from pitwall.ml.automl.engine import OnProgress
from pitwall.ml.automl.figures import draw_search
from pitwall.ml.automl.result import FACT, AutoMLResult
from pitwall.ml.automl.settings import Settings
from pitwall.ml.models import models
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.specs import ModelSpec, StoredSpec, find_spec, save_spec
from pitwall.ml.specs.store import copy_folder, copy_spec
from pitwall.ml.templates import templates
from pitwall.ml.training import steps
from pitwall.report.figures.canvas import png
from pitwall.tracking.manifest import FILE, FOLDER, load
from pitwall.tracking.record import ManifestRecord
from pitwall.workflows import automl
from pitwall.workflows import train as training
from pitwall.workflows.logbook import news
from pitwall.workflows.promote import Decision, judge_and_promote
from pitwall.workflows.workspace import Workspace

RUN = "run.json"  # beside a spec: which run made its model, and what that run was tagged with


@dataclass(frozen=True)
class Draft:
    """A trained model that nobody has named: `name` is its registered name to be, `<target>_<hash>-<stage>`."""

    name: str
    run_id: str


def train_draft(
    workspace: Workspace, spec: ModelSpec, files: Mapping[str, bytes], beside: Mapping[str, bytes] | None = None
) -> Draft:
    """Train what a spec orders; the same order again takes the place of the earlier one.

    Args:
        workspace: of the project that we are in.
        spec: the order.
        files: its rows and, where no function makes them, its labels.
        beside: what else the run keeps, in its folder `search`.

    Raises:
        UsageError: the project is another one than we are in.
        StageError: there is too little to learn from.
    """
    _check_home(workspace.project)
    check_declared(workspace.project)
    stored = save_spec(workspace.project, spec.draft, spec, files)
    name = f"{stored.name}-{spec.stage}"
    with workspace.exclusive(f"train {name}"):
        training.make_frame(workspace, name)
        run_id = training.open_run(workspace, name)
        with training.closing(workspace, run_id):
            record = ManifestRecord(workspace.project, workspace.tracker, workspace.runs)
            _keep(workspace, run_id, beside or {})
            recipe = training.tune(workspace, name, run_id)
            training.judge(workspace, name, run_id, recipe)
            training.refit(workspace, name, run_id, recipe)
            tags = record.tags(run_id) | steps.place(workspace.job(name), run_id, recipe, workspace.tracker)
            record.complete(run_id, recipe.manifest())
    _remember(stored, Draft(name, run_id), tags)
    return Draft(name, run_id)


def search_draft(
    workspace: Workspace,
    spec: ModelSpec,
    files: Mapping[str, bytes],
    settings: Settings,
    progress: OnProgress | None = None,
) -> tuple[Draft, AutoMLResult]:
    """Search all estimators for an order on the seasons before the judged ones, then train what was found.

    Args:
        workspace: of the project that we are in.
        spec: the order; its algorithm is not looked at.
        files: its rows and labels.
        settings: budget, metric, engine of the search.
        progress: called after each candidate.

    Raises:
        UsageError: the project is another one than we are in.
        StageError: there is too little to learn from, or no candidate was done within the budget.
    """
    _check_home(workspace.project)
    wanted = replace(spec, algorithm=POOL)  # it reads what its members read: no columns of its own
    stored = save_spec(workspace.project, wanted.draft, wanted, files)
    name = f"{stored.name}-{spec.stage}"
    try:
        found = automl.search(workspace, name, settings, seed=spec.seed, progress=progress)
    finally:
        shutil.rmtree(stored.folder)
        workspace.project.unlisted_frame(name).unlink(missing_ok=True)
    recipe = found.recipe
    chosen = replace(
        spec, algorithm=recipe.estimator, params=recipe.params, found=recipe.facts[FACT], tuning={"trials": 1}
    )
    told = json.dumps(found.payload(), indent=2, sort_keys=True, default=float).encode()
    kept = {"search.json": told, "search.png": png(draw_search(found))}
    return train_draft(workspace, chosen, files, kept), found


def _keep(workspace: Workspace, run_id: str, files: Mapping[str, bytes]) -> None:
    """Log small files with a run."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        if files:
            workspace.tracker.files(run_id, Path(folder), "search")


def deploy(workspace: Workspace, draft: Draft, name: str, approval: Approval) -> Decision:
    """Register a draft as a version of a model of the user's, and let every gate judge it.

    Args:
        workspace: of the project.
        draft: what is trained.
        name: of the model, without its stage; none that ships, and if it is in use then for the same question.
        approval: names and note of those who approve now.

    Raises:
        UsageError: the name is taken, or is none.
        StageError: the draft is not there any more.
    """
    stored = find_spec(draft.name.rpartition("-")[0])
    if stored is None:
        raise StageError(f"the draft {draft.name} is not there any more; train it again.")
    check_name(name, stored)
    named = f"{name}-{stored.spec.stage}"
    with workspace.exclusive(f"deploy {named}"):
        _take_place(workspace, stored, draft.name, copy_spec(workspace.project, stored, name), named)
        tags = json.loads((stored.folder / RUN).read_text(encoding="utf-8"))["tags"]
        job = workspace.job(named)
        made = steps.register(job, draft.run_id, workspace.tracker, workspace.registry, provenance=tags)
        workspace.tracker.tag(draft.run_id, {"pitwall.model": named})
        _complete_manifest(workspace, draft.run_id)
        assert made.version is not None
        news.registered(workspace, named, made.version)
        return judge_and_promote(workspace, named, approval)


def check_name(name: str, stored: StoredSpec) -> None:
    """Raise UsageError unless a user's model may bear a name."""
    if not name.isidentifier() or name != name.lower() or name.startswith("_"):
        raise UsageError(f"a model is named in snake_case, e.g. my_winner; found {name!r}.")
    if name in templates() or name in models():
        raise UsageError(f"{name} is the name of a question or a model that ships; choose another one, e.g. my_{name}.")
    before = find_spec(name)
    if before is not None and (before.spec.target, before.spec.stage) != (stored.spec.target, stored.spec.stage):
        raise UsageError(
            f"{name} answers {before.spec.target} at {before.spec.stage}, this model {stored.spec.target} at {stored.spec.stage}; "
            "versions of one model answer one question: choose another name."
        )


def _check_home(project: Project) -> None:
    try:
        here = find_project().root.resolve()
    except ProjectNotFound:
        here = Path()
    if here != project.root.resolve():
        raise UsageError(
            f"users' models belong to the project that we are in ({here}), and this one is {project.root}; change into its folder or "
            "set PITWALL_HOME to it."
        )


def _remember(stored: StoredSpec, draft: Draft, tags: Mapping[str, str]) -> None:
    content = {"run_id": draft.run_id, "tags": dict(tags)}
    (stored.folder / RUN).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _take_place(workspace: Workspace, stored: StoredSpec, draft: str, named: StoredSpec, name: str) -> None:
    """Copy what the draft's training left to where that of a named model lies: files, frame, reports."""
    project = workspace.project
    shutil.copyfile(stored.folder / RUN, named.folder / RUN)
    pairs = [
        (project.model(draft), project.model(name)),
        (project.unlisted_frame(draft), project.unlisted_frame(name)),
        (project.reports / f"{draft}.json", project.reports / f"{name}.json"),
        (project.reports / draft, project.reports / name),
    ]
    for source, target in pairs:
        if source.is_dir():
            copy_folder(source, target)
        else:
            shutil.copyfile(source, target)


def _complete_manifest(workspace: Workspace, run_id: str) -> None:
    """Say in the run's manifest which version came of it."""
    path = workspace.runs.file(run_id, f"{FOLDER}/{FILE}")
    if path is None:
        return
    manifest, tags = load(path), workspace.runs.read(run_id).tags
    known = {"version": tags["pitwall.version"], "content": tags["pitwall.content"]}
    mlflow = {**manifest.orchestration["mlflow"], **known}
    with tempfile.TemporaryDirectory() as scratch:  # the copy may be the store's own file
        made = Path(scratch) / FILE
        made.write_text(manifest.with_(orchestration={"mlflow": mlflow}).to_json(), encoding="utf-8")
        workspace.tracker.files(run_id, made, FOLDER)
