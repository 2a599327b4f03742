"""Models that people order, before they have a name: train what a spec says.

A training is that of every other model, step by step, but for the registry: what nobody has named is a draft, with its run, its
manifest and its files. A name makes a version of it (`pitwall.workflows.bench.deploying`).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pitwall.domain.access.sharing import ORIGIN_TAG
from pitwall.domain.errors import ProjectNotFound, StageError, UsageError
from pitwall.domain.plugins import pick
from pitwall.domain.plugins.provenance import check_declared
from pitwall.domain.project import Project, find_project
from pitwall.ml.automl.choice import POOL
from pitwall.ml.automl.engine import OnProgress
from pitwall.ml.automl.figures import draw_search
from pitwall.ml.automl.result import FACT, AutoMLResult
from pitwall.ml.automl.settings import Settings
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.specs import ModelSpec, StoredSpec, find_spec, save_spec, specs
from pitwall.ml.training import steps
from pitwall.report.figures.canvas import png
from pitwall.tracking.record import ManifestRecord
from pitwall.workflows import automl
from pitwall.workflows import train as training
from pitwall.workflows.workspace import Workspace

RUN = "run.json"  # beside a spec: which run made its model, and what that run was tagged with


@dataclass(frozen=True)
class Draft:
    """A trained model that nobody has named: `name` is its registered name to be, `<target>_<hash>-<stage>`."""

    name: str
    run_id: str


def train_draft(
    workspace: Workspace,
    spec: ModelSpec,
    files: Mapping[str, bytes],
    beside: Mapping[str, bytes] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Draft:
    """Train what a spec orders; the same order again takes the place of the earlier one.

    Args:
        workspace: of the project that we are in.
        spec: the order.
        files: its rows and, where no function makes them, its labels.
        beside: what else the run keeps, in its folder `search`.
        tags: further ones of its run.

    Raises:
        UsageError: the project is another one than we are in.
        StageError: there is too little to learn from.
    """
    with workspace.exclusive(f"train {spec.draft}-{spec.stage}"):
        draft = begin_draft(workspace, spec, files, tags=tags)
        with training.closing(workspace, draft.run_id):
            _keep(workspace, draft.run_id, beside or {})
            recipe = training.tune(workspace, draft.name, draft.run_id)
            training.judge(workspace, draft.name, draft.run_id, recipe)
            training.refit(workspace, draft.name, draft.run_id, recipe)
            complete_draft(workspace, draft, recipe)
    return draft


def begin_draft(
    workspace: Workspace,
    spec: ModelSpec,
    files: Mapping[str, bytes],
    flow_run: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Draft:
    """Keep the order, join its rows with their features, and open its run: who tunes, judges and refits closes it.

    Args:
        workspace: of the project that we are in; its lock is held by the caller, from here to the end.
        spec: the order.
        files: its rows and labels.
        flow_run: id of the Prefect flow run that trains, if one does.
        tags: further ones of its run.

    Raises:
        UsageError: the project is another one than we are in.
    """
    _check_home(workspace.project)
    check_declared(workspace.project)
    name = f"{save_spec(workspace.project, spec.draft, spec, files).name}-{spec.stage}"
    training.make_frame(workspace, name)
    run_id = training.open_run(workspace, name, flow_run=flow_run)
    if tags:
        workspace.tracker.tag(run_id, dict(tags))
    return Draft(name, run_id)


def complete_draft(workspace: Workspace, draft: Draft, recipe: Recipe) -> None:
    """Put what was trained in its place, complete the run's manifest, and remember which run made it."""
    record = ManifestRecord(workspace.project, workspace.tracker, workspace.runs)
    told = record.tags(draft.run_id) | _origin(workspace, draft.run_id)
    tags = told | steps.place(workspace.job(draft.name), draft.run_id, recipe, workspace.tracker)
    record.complete(draft.run_id, recipe.manifest())
    _remember(stored_of(draft), draft, tags)


def _origin(workspace: Workspace, run_id: str) -> dict[str, str]:
    """Return the tag of a fork's run that says where it comes from, which its version bears, too."""
    return {name: text for name, text in workspace.runs.read(run_id).tags.items() if name == ORIGIN_TAG}


def stored_of(draft: Draft) -> StoredSpec:
    """Return the order of a draft.

    Raises:
        StageError: it is not there any more.
    """
    stored = find_spec(draft.name.rpartition("-")[0])
    if stored is None:
        raise StageError(f"the draft {draft.name} is not there any more; train it again.")
    return stored


def find_draft(workspace: Workspace, name: str) -> Draft:
    """Return a trained draft by its name.

    Raises:
        UnknownName: there is none; offers the nearest one.
    """
    there = {f"{each.name}-{each.spec.stage}": each for each in specs(workspace.project).values() if _made(each)}
    found: StoredSpec = pick("trained draft", name, there)
    return Draft(name, str(facts_of(found)["run_id"]))


def facts_of(stored: StoredSpec) -> dict[str, Any]:
    """Return which run made the model of a spec, `run_id`, and what it was tagged with, `tags`."""
    content: dict[str, Any] = json.loads((stored.folder / RUN).read_text(encoding="utf-8"))
    return content


def _made(stored: StoredSpec) -> bool:
    """Return whether the model of a spec was trained as a draft: a name of a user's own is another thing."""
    return stored.name == stored.spec.draft and (stored.folder / RUN).is_file()


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
