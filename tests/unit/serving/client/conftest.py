"""A server in process on a tiny world whose champions, vectors and forecasts were exported; its cars have names that a question may use."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.params import ModelParams
from pitwall.domain.tables import save_tables
from pitwall.ml.training.training_job import training_job
from pitwall.serving.app import create_app
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.in_process import running
from pitwall.testing.worlds.forecasts import NAME, PARAMS, World
from pitwall.workflows import forecast
from pitwall.workflows.championship import MODEL, predict_championship
from pitwall.workflows.serving.export import publish
from pitwall.workflows.serving.exporting import races, titles
from pitwall.workflows.serving.places import write_json
from pitwall.workflows.workspace import Workspace

VINTAGE = "2024-05-10T11:30:00+00:00"  # the tiny world is no source, so nothing says when it was fetched
DRIVERS = ("leclerc", "piastri", "sainz", "norris", "russell", "verstappen", "hamilton", "alonso")


def named(tables):
    """Return a tiny world's tables with names that a question may use: the coming race of 2024 is in Monaco."""
    drivers, races = tables["drivers"].copy(), tables["races"].copy()
    taking_part = tables["entries"].query("race_id == race_id.max()")["driver_id"]
    for number, ref in zip(taking_part, DRIVERS, strict=True):
        drivers.loc[drivers["driver_id"] == number, ["ref", "name", "code"]] = [ref, ref.title(), ref[:3].upper()]
    races.loc[races["race_id"] == races["race_id"].max(), "name"] = "Monaco Grand Prix"
    return tables.replace(drivers=drivers, races=races)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A project with a champion before the weekend and one before the race, two stored forecasts, and the chances of the titles."""
    world = World(tmp_path_factory.mktemp("served"), upcoming=1)
    stages = ModelParams(estimator="grid_frequency", first_season=2021, stages=["pre_race", "pre_weekend"])
    params = PARAMS.model_copy(update={"models": {"order": stages}})
    world.crown(
        training_job(world.job.project, params, MODEL), model="championship_order", baseline="championship_order"
    )
    save_tables(named(world.tables), world.job.project.tables)
    for name in ("dvc.yaml", "params.yaml"):
        (world.job.project.root / name).write_text("{}\n")
    tools = {"registry": world.registry, "runs": FakeTracker(), "features": world.reader}
    with pytest.MonkeyPatch.context() as patch, Workspace(world.job.project, params=params, **tools) as made:
        for module in (races, titles):
            patch.setattr(module, "vintage", lambda *_: VINTAGE)
        for name in (NAME, MODEL):
            publish(made, name)
        for label in ("2024-02", None):
            forecast.forecast(made, NAME, label, provenance={"git.commit": "abc"})
        predict_championship(made, 2024, draws=400, provenance={"git.commit": "abc"})
        write_json(made.project.serving / "monitoring.json", {"at": VINTAGE, "alarms": 0, "page": ""})
        yield made


@pytest.fixture(scope="module")
def served(workspace):
    """What a client is given to reach a server of that project in process."""
    with running(create_app(workspace, ServingSettings(), tokens_needed=False)) as transport:
        yield SimpleNamespace(transport=transport, workspace=workspace)
