"""What is left of a run's model: the files of its version, or of its draft, with the job that made them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import PitwallError, UnknownName
from pitwall.domain.ports import RunRecord
from pitwall.ml.families.predictions import FILE as PREDICTIONS
from pitwall.ml.specs import find_spec
from pitwall.ml.training.training_job import TrainingJob
from pitwall.workflows.bench.drafts import RUN, Draft
from pitwall.workflows.workspace import Workspace

MODEL, VERSION, STAGE = "pitwall.model", "pitwall.version", "pitwall.stage"


@dataclass(frozen=True)
class Kept:
    """The model of a run: its job, and the folder of its files (None where they are gone, or belong to a later run)."""

    job: TrainingJob
    folder: Path | None


def job_of(workspace: Workspace, record: RunRecord) -> TrainingJob | None:
    """Return what a run trained; None where it trained none of the models that there are now."""
    try:
        return workspace.job(record.tags[MODEL])
    except (KeyError, UnknownName):
        return None


def kept(workspace: Workspace, record: RunRecord) -> Kept | None:
    """Return what is left of a run's model; None where it trained none that is known now."""
    job = job_of(workspace, record)
    return None if job is None else Kept(job, _folder(workspace, job, record))


def predictions(workspace: Workspace, record: RunRecord) -> pd.DataFrame | None:
    """Return what a run's model and its baselines said out of sample; None where the run did not come so far."""
    with workspace.runs.held(record.run_id) as files:
        path = files.get(f"predictions/{PREDICTIONS}")
        return None if path is None else pd.read_parquet(path)


def is_draft(record: RunRecord) -> bool:
    """Whether a run trained what somebody ordered and nobody has named: it is no version of a model."""
    name, _, stage = record.tags.get(MODEL, "").rpartition("-")
    target, _, digest = name.rpartition("_")
    return bool(target and stage) and len(digest) >= len("abcdef") and set(digest) <= set("0123456789abcdef")


def draft_of(record: RunRecord) -> Draft | None:
    """Return the draft that a run left; None where it left none, or the same order was trained again since."""
    model = record.tags.get(MODEL, "")
    stored = find_spec(model.rpartition("-")[0]) if model and VERSION not in record.tags else None
    path = stored.folder / RUN if stored else None
    if path is None or not path.is_file():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    return Draft(model, record.run_id) if said.get("run_id") == record.run_id else None


def _folder(workspace: Workspace, job: TrainingJob, record: RunRecord) -> Path | None:
    version = record.tags.get(VERSION, "")
    try:
        if version.isdecimal():
            return workspace.registry.fetch(job.name, int(version))
    except PitwallError:  # its files are gone or were changed: the rest of the run is told all the same
        return None
    folder = job.target / "model"
    return folder if draft_of(record) and folder.is_dir() else None
