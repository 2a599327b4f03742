"""A project that servers answer from: a tiny world, models fitted on it in several versions, exported as promotion exports them.

The registry is a fake, and features are joined in memory: a server needs neither. What it reads (`serving/`, params.yaml) is written by
the real `publish`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.tables import save_tables
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.training.registration import example_rows
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.testing.fakes.ports import FakeFeatureReader, FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.serving.export import publish
from pitwall.workflows.workspace import Workspace

ORDER, RETIREMENT = "order-pre_race", "dnf-pre_race"
BASELINES = {ORDER: "grid_frequency", RETIREMENT: "overall_rate"}
PARAMS = """\
models:
  order: {estimator: stack, first_season: 2021, stages: [pre_race]}
  dnf: {estimator: xgboost, first_season: 2021, stages: [pre_race]}
"""


class ServedWorld:
    """A project with models that are served, of which other versions can be made live.

    Args:
        root: of the project, an empty folder.
        versions: by registered name the estimators of its versions, numbered from 1, of which the first is live.
        cars: of a race.
        races: of each of four seasons; the last two have not been run, and of the first of them the grid is known.
        settings: of the machine, as in settings.local.yaml.
    """

    def __init__(
        self, root: Path, versions: Mapping[str, Sequence[str]], *, cars: int = 20, races: int = 6, settings: str = ""
    ) -> None:
        self.project = Project(root)
        self.tables = tiny_tables(seasons=4, races=races, cars=cars, upcoming=2)
        save_tables(self.tables, self.project.tables)
        for name, text in (("params.yaml", PARAMS), ("dvc.yaml", "stages: {}\n"), ("settings.local.yaml", settings)):
            (root / name).write_text(text, encoding="utf-8")
        params = load_params(self.project.params)
        self.registry, self._reader = FakeRegistry(), FakeFeatureReader(self.tables, params)
        self.workspace = Workspace(
            self.project, params=params, registry=self.registry, runs=FakeTracker(), features=self._reader
        )
        for name, estimators in versions.items():
            self._add(self.workspace.job(name), estimators)
            self.make_live(name, 1, races=True)

    def make_live(self, name: str, version: int, *, races: bool = False) -> None:
        """Promote a version: its alias moves, and servers are told."""
        self.registry.set_alias(name, CHAMPION, version)
        publish(self.workspace, name, races=races)

    def _add(self, job: TrainingJob, estimators: Sequence[str]) -> None:
        """Fit and register the versions of a model, beside its baseline."""
        frame = self._reader.historical(job.definition.kind.spine(self.tables, job.stage), job.definition.feature_set)
        self.project.frames.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(self.project.frame(job.name), index=False)
        self._fit(job, frame, BASELINES[job.name], job.target / "baseline")
        for number, estimator in enumerate(estimators, start=1):
            folder = job.target / "versions" / str(number)
            rows = self._fit(job, frame, estimator, folder).recipe.select(example_rows(frame))
            tags = {"role": "model", "estimator": estimator}
            self.registry.register(job.name, f"run{number:04d}", folder, rows, tags)

    def _fit(self, job: TrainingJob, frame: pd.DataFrame, estimator: str, folder: Path) -> FittedModel:
        outcome = outcomes(job.model, self.tables, frame)
        recipe = default_recipe(job.model, estimator, frame, 0, job.stage)
        judged = predict_seasons(recipe, frame, outcome, [int(frame["season"].max())])
        fitted = FittedModel(recipe, recipe.fit(*labelled(job.model, frame, outcome)))
        fitted.save(folder, judged)
        return fitted
