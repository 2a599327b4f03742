"""A project on a tiny world with a champion, and a feature store in memory: what a test of forecasts asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.ports import Served
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, save_tables
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.ml.families.predictions import save_predictions, stack
from pitwall.ml.forecasting.forecast import Forecast, forecast
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.rows import row_kind
from pitwall.ml.training.registration import sync
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.training_job import TrainingJob, training_job
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.worlds.frames import join
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.workspace import Workspace

NAME = "order-pre_race"
PARAMS = Params(models={"order": ModelParams(estimator="grid_frequency", first_season=2021)})
GROUPS = ("session", "championship")  # all that the estimators here read
NEXT, PAST, JUDGED_RACE = "2024-04", "2024-02", "2023-03"


class FrameReader:
    """A feature store that joins in memory."""

    def __init__(self, tables: Tables, known: Sequence[str]) -> None:
        self.known, self.fault = known, 0.0
        self.served: list[pd.Timestamp] = []
        self.read(tables)

    def read(self, tables: Tables) -> None:
        """Take other tables."""
        self.tables = tables
        self.built = {groups()[name]: build_group(groups()[name], tables, PARAMS) for name in self.known}

    def historical(self, spine: pd.DataFrame, service: str | Sequence[str], *, inclusive: bool = False) -> pd.DataFrame:
        """Join the spine with all groups."""
        return join(spine, self.built)

    def materialise(self, cutoff: pd.Timestamp, service: str) -> Served:
        """Serve a cut-off."""
        self.served.append(cutoff)
        return Served(service, cutoff, cutoff, str(cutoff))

    def online(self, rows: Sequence[Mapping[str, int]], service: str, cutoff: pd.Timestamp) -> pd.DataFrame:
        """Answer at the cut-off, with the planted fault in the first row's grid."""
        if cutoff not in self.served:
            raise FeatureError(f"the online store does not serve {cutoff}")
        asked = pd.DataFrame(list(rows)).assign(cutoff=cutoff)
        answer = self.historical(asked, service).drop(columns="cutoff")
        answer.loc[0, "grid"] += self.fault
        return answer


class World:
    """A project with tables, a frame, a trained model and its baseline, and a champion."""

    def __init__(self, root: Path, known: Sequence[str] = GROUPS, upcoming: int = 3, **estimators: str) -> None:
        self.tables = tiny_tables(seasons=4, races=6, cars=8, upcoming=upcoming)
        self.job = training_job(Project(root), PARAMS, NAME)
        self.reader, self.registry = FrameReader(self.tables, known), FakeRegistry()
        save_tables(self.tables, self.job.project.tables)
        self.crown(self.job, **{"model": "grid_frequency", "baseline": "championship_order", **estimators})

    def crown(self, job: TrainingJob, model: str, baseline: str) -> None:
        """Train, register and promote a model and its baseline."""
        frame = self.reader.historical(row_kind("race_driver").spine(self.tables, job.stage), "order")
        job.project.frames.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(job.project.frame(job.name), index=False)
        both = {"model": model, "baseline": baseline}
        crown(job, self.tables, frame, registry=self.registry, estimators=both, seasons=[2023])

    def workspace(self, params: Params = PARAMS, **tools: Any) -> Workspace:
        """Return a workspace of the project with stores in memory, whose data are clean; `tools` come in the place of these."""
        tracker, clean = FakeTracker(), SimpleNamespace(stale=lambda _: [], hashes=dict)
        stores = {"tracker": tracker, "runs": tracker, "registry": self.registry, "features": self.reader}
        return Workspace(self.job.project, params=params, **{**stores, "versions": clean, **tools})

    def forecast(self, **wishes: Any) -> Forecast:
        """Forecast with what a caller may wish."""
        return forecast(self.job, self.registry, self.reader, {"git.commit": "abc"}, **wishes)


def crown(
    job: TrainingJob,
    tables: Tables,
    frame: pd.DataFrame,
    *,
    registry: FakeRegistry,
    estimators: Mapping[str, str],
    seasons: Sequence[int],
) -> None:
    """Fit `model` and `baseline` as they come, judge them on some seasons, register both and make the model champion."""
    outcome = outcomes(job.model, tables, frame)
    judged = []
    for part, name in estimators.items():
        recipe = default_recipe(job.model, name, frame, 0, job.stage)
        judged.append(predict_seasons(recipe, frame, outcome, list(seasons)))
        FittedModel(recipe, recipe.fit(*labelled(job.model, frame, outcome))).save(job.target / part, judged[-1])
    save_predictions(stack(judged, job.definition.answers), job.target, job.definition.kind)
    versions = sync(job, FakeTracker(), registry, {"git.commit": "abc"})
    registry.set_alias(job.name, "champion", versions["model"].version)
