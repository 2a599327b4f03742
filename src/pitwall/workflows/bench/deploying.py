"""Deploy a draft under a name: a version of a model of the user's, which every gate judges."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.ml.models import models
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.specs import StoredSpec, find_spec
from pitwall.ml.specs.store import copy_folder, copy_spec
from pitwall.ml.templates import templates
from pitwall.ml.training import steps
from pitwall.tracking.manifest import FILE, FOLDER, load
from pitwall.workflows.bench.drafts import RUN, Draft, facts_of, stored_of
from pitwall.workflows.logbook import news
from pitwall.workflows.promote import Decision, judge_and_promote
from pitwall.workflows.workspace import Workspace


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
    with workspace.exclusive(f"deploy {name}"):
        return judge_and_promote(workspace, register_draft(workspace, draft, name), approval)


def register_draft(workspace: Workspace, draft: Draft, name: str) -> str:
    """Register a draft as a version of a model of the user's, and return the registered name; nobody has judged it yet.

    Args:
        workspace: of the project, whose lock is held by the caller.
        draft: what is trained.
        name: of the model, without its stage.

    Raises:
        UsageError: the name is taken, or is none.
        StageError: the draft is not there any more.
    """
    stored = stored_of(draft)
    check_name(name, stored)
    named = f"{name}-{stored.spec.stage}"
    _take_place(workspace, stored, draft.name, copy_spec(workspace.project, stored, name), named)
    tags = facts_of(stored)["tags"]
    made = steps.register(workspace.job(named), draft.run_id, workspace.tracker, workspace.registry, provenance=tags)
    workspace.tracker.tag(draft.run_id, {"pitwall.model": named})
    _complete_manifest(workspace, draft.run_id)
    assert made.version is not None
    news.registered(workspace, named, made.version)
    return named


def check_spelling(name: str) -> None:
    """Raise UsageError unless a name can be that of a user's model."""
    if not name.isidentifier() or name != name.lower() or name.startswith("_"):
        raise UsageError(f"a model is named in snake_case, e.g. my_winner; found {name!r}.")
    if name in templates() or name in models():
        raise UsageError(f"{name} is the name of a question or a model that ships; choose another one, e.g. my_{name}.")


def check_name(name: str, stored: StoredSpec) -> None:
    """Raise UsageError unless a user's model may bear a name."""
    check_spelling(name)
    before = find_spec(name)
    if before is not None and (before.spec.target, before.spec.stage) != (stored.spec.target, stored.spec.stage):
        raise UsageError(
            f"{name} answers {before.spec.target} at {before.spec.stage}, this model {stored.spec.target} at {stored.spec.stage}; "
            "versions of one model answer one question: choose another name."
        )


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
