"""The model of lap times through every step, on a tiny world: frame, tuning, judging, gates, card, registry, forecast, backtest."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import ForecastError, StageError, UsageError
from pitwall.domain.keys import LAP
from pitwall.domain.params import ModelParams, Params, TuningParams, parse_params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.audit import Effort
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.forecasting.answers import read
from pitwall.ml.models.machinery.frames import build_frame
from pitwall.ml.registry.approvals import Approval
from pitwall.testing.fakes.ports import FakeFeatureReader, FakeRegistry, FakeTracker
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, promote, registry, train
from pitwall.workflows.workspace import Workspace

NAME = "lap_time-in_race"
PARAMS = parse_params(
    {
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 200, "latency_ms": 10_000.0, "min_races": 2},
    }
)


class World:
    """A project whose params.yaml does not list the model, with tables of laps and stores in memory."""

    def __init__(self, root):
        self.tables = tiny_tables(seasons=5, races=5, cars=8)
        self.tracker, self.registry = FakeTracker(), FakeRegistry()
        save_tables(self.tables, Project(root).tables)
        stores = {"tracker": self.tracker, "runs": self.tracker, "registry": self.registry}
        self.workspace = Workspace(
            Project(root),
            params=PARAMS,
            features=FakeFeatureReader(self.tables),
            versions=SimpleNamespace(stale=lambda stages: pytest.fail(f"DVC was asked about {stages}")),
            **stores,
        )
        self.workspace.provenance = lambda flow_run=None: {"git.commit": "0" * 40, "git.dirty": "clean"}
        self.job = self.workspace.job("lap_time")
        self.ref = train.train(self.workspace, "lap_time")

    @property
    def predictions(self):
        return load_predictions(self.job.target)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("laps"))


@pytest.fixture(scope="module")
def decided(world):
    return promote.judge_and_promote(world.workspace, NAME, Approval())


def test_a_model_that_is_not_listed_gets_its_frame_from_its_training_and_leaves_those_of_dvc_alone(world):
    assert world.job.frame_path == world.workspace.project.unlisted_frame(NAME)
    assert not world.workspace.project.frames.exists()
    frame = world.job.frame()
    assert not frame.duplicated(list(LAP)).any()
    assert (frame["laps_completed"] == frame["lap"] - 1).all()


def test_what_was_not_trained_says_how_its_frame_is_made(world, tmp_path):
    elsewhere = Workspace(Project(tmp_path), params=PARAMS)
    with pytest.raises(StageError, match=f"pitwall train {NAME}"):
        elsewhere.job(NAME).frame()
