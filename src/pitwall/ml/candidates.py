"""Bring a trained model before the gates: register what DVC has and the registry lacks, then gather what gates look at.

DVC's run cache may restore `models/<name>/` without running anything, so every door that needs a version comes through
`sync` first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError, StageError
from pitwall.domain.ports import ModelVersion, Registry, RunReader, Tracker
from pitwall.domain.refs import Verdict, file_md5, folder_hash
from pitwall.domain.tables import load_tables
from pitwall.features import FeatureEngineer, feature_sets, groups
from pitwall.features._group import FeatureGroup
from pitwall.ml import openings
from pitwall.ml.cards.artifacts import read_card
from pitwall.ml.cards.markdown import to_markdown
from pitwall.ml.gates import Candidate, gates, run_gate
from pitwall.ml.gates._gate import Standing
from pitwall.ml.gates.refit_equal import read_files
from pitwall.ml.job import TrainingJob
from pitwall.ml.order import OrderModel
from pitwall.ml.predictions import load_predictions, stack
from pitwall.ml.spines import SPINES

CHAMPION = "champion"
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
        rows = OrderModel.load(folder).recipe.select(example_race(example))
        versions[role] = registry.register(job.name, run_id, folder, rows, {"role": role, **provenance})
    openings.record(job.project, job.name, load_predictions(folders["model"]))
    if fresh:
        registry.tag(job.name, versions["model"].version, provenance)
    return {role: registry.get(job.name, version.version) for role, version in versions.items()}


def _restored_run(job: TrainingJob, tracker: Tracker, provenance: Mapping[str, str]) -> str:
    """Open and close a run for a model that DVC restored from its cache: nothing was trained here."""
    run_id = tracker.start(job.experiment, f"restored {job.name}", {**provenance, "pitwall.kind": "restored"})
    tracker.note(run_id, "DVC restored this model from its cache; nothing was trained here.")
    tracker.finish(run_id, "FINISHED")
    return run_id


def example_race(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a frame's last race, the input example of its model."""
    return frame[frame["race_id"] == frame["race_id"].iloc[-1]].reset_index(drop=True)


def load_candidate(
    job: TrainingJob, registry: Registry, version: ModelVersion, runs: RunReader | None = None
) -> Candidate:
    """Gather what the gates look at, for one registered version.

    Args:
        job: names the model and the project.
        registry: holds the version and the champion.
        version: the candidate.
        runs: where its card lies; without it there is none.

    Raises:
        StageError: the frame or the baselines' predictions are missing; says which command makes them.
    """
    folder = registry.fetch(job.name, version.version)
    own = load_predictions(folder)
    name = str(own["model"].iloc[0])
    judged = load_predictions(job.target)
    others = judged[(judged["role"] == "baseline") & (judged["model"] != name)]
    tables = load_tables(job.project.tables)
    path = job.project.frame(job.name)
    if not path.is_file():
        raise StageError(f"no frame at {path}; make it with `dvc repro frames`.")
    recipe = OrderModel.load(folder).recipe
    card = None if runs is None else read_card(runs, version)
    return Candidate(
        name=job.name,
        model=job.model,
        stage=job.stage,
        content=version.content,
        params=job.params,
        tables=tables,
        spine=SPINES[job.model](tables, job.stage),
        frame=pd.read_parquet(path),
        groups=read_groups(job.model, recipe.features),
        predictions=stack([own, others]),
        estimator=name,
        positions=_positions(folder),
        champion=_standing(job.name, registry),
        provenance=version.tags,
        recipe=recipe,
        files=read_files(folder),
        frame_md5=file_md5(path),
        openings=openings.count(job.project, job.name, own),
        card=None if card is None else to_markdown(card),
        interface=lambda: registry.interface(job.name, version.version),
    )


def read_groups(feature_set: str, features: Collection[str]) -> tuple[FeatureGroup, ...]:
    """Return the groups that own the features that a model reads: what it does not read cannot spoil it.

    Where a session registered a feature under a name that ships, the shipped one is meant: models learn from files.

    Raises:
        FeatureError: no group owns a feature, so that nobody could replay it.
    """
    known = (*FeatureEngineer().groups(), *groups().values(), *feature_sets()[feature_set])
    owners = {name: group for group in known for name in group.names}
    if unowned := sorted(set(features) - set(owners)):
        raise FeatureError(
            f"the model reads {', '.join(unowned)}, which no feature group owns: nobody can replay it. Keep a custom "
            "feature as a file of `src/pitwall/features` (docs/adding.md), then train again."
        )
    read = {owners[name].name: owners[name] for name in features}
    return tuple(read[name] for name in sorted(read))


def judge(candidate: Candidate) -> list[Verdict]:
    """Return the verdicts of all gates, in the order of their names."""
    return [verdict for gate in gates().values() for verdict in run_gate(gate, candidate)]


def _standing(name: str, registry: Registry) -> Standing | None:
    champion = registry.alias(name, CHAMPION)
    if champion is None:
        return None
    folder = registry.fetch(name, champion.version)
    return Standing(champion.version, champion.content, load_predictions(folder))


def _positions(folder: Path) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return the model's answer; it is loaded when a gate asks first."""

    @cache
    def loaded() -> OrderModel:
        return OrderModel.load(folder)

    def positions(frame: pd.DataFrame) -> np.ndarray:
        return np.asarray(loaded().positions(frame))

    return positions
