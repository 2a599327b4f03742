"""Register what DVC has and the registry lacks.

DVC's run cache may restore `models/<name>/` without running anything, so whoever needs a version comes through `sync` first.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.keys import BLOCK, CUTOFF
from pitwall.domain.ports import ModelVersion, Registry, Tracker
from pitwall.domain.refs import folder_hash
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.predictions import load_predictions
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.training.training_job import TrainingJob

ROLES = ("baseline", "model")


def sync(
    job: TrainingJob, tracker: Tracker, registry: Registry, provenance: Mapping[str, str], *, fresh: bool = False
) -> dict[str, ModelVersion]:
    """Return the versions of `models/<name>/baseline` and `/model`, registered where the registry lacks them.

    Args:
        job: names the model and the project.
        tracker: gets a run for a model that was restored rather than trained here.
        registry: to register in.
        provenance: of the present code and data.
        fresh: DVC says that the present code and data make exactly this model; a version that was made from
            uncommitted code takes over the provenance of the commit that holds the same code now.

    Raises:
        StageError: nothing is trained; says which command does it.
    """
    folders = {role: job.target / role for role in ROLES}
    for role, folder in folders.items():
        if not folder.is_dir():
            raise StageError(
                f"there is no {role} at {folder}; train it with `dvc repro` or `pitwall train {job.name}`."
            )
    model = registry.find(job.name, folder_hash(folders["model"]))
    run_id = model.run_id if model else _restored_run(job, tracker, provenance)
    example = job.frame()
    versions = {}
    for role, folder in folders.items():
        rows = FittedModel.load(folder).recipe.select(example_rows(example))
        versions[role] = registry.register(job.name, run_id, folder, rows, {"role": role, **provenance})
    holdout_log.record(job.project, job.opened_as, load_predictions(folders["model"]), of=job.definition)
    if fresh:
        registry.tag(job.name, versions["model"].version, provenance)
    return {role: registry.get(job.name, version.version) for role, version in versions.items()}


def _restored_run(job: TrainingJob, tracker: Tracker, provenance: Mapping[str, str]) -> str:
    """Open and close a run for a model that DVC restored from its cache: nothing was trained here."""
    run_id = tracker.start(job.experiment, f"restored {job.name}", {**provenance, "pitwall.kind": "restored"})
    tracker.note(run_id, "DVC restored this model from its cache; nothing was trained here.")
    tracker.finish(run_id, "FINISHED")
    return run_id


def example_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a frame's last race that are asked at once, at its last cut-off: the input example of its model.

    Before a race these are all of its cars, during it the car that ended a lap.
    """
    last = frame[frame[BLOCK] == frame[BLOCK].iloc[-1]]
    return last[last[CUTOFF] == last[CUTOFF].max()].reset_index(drop=True)
