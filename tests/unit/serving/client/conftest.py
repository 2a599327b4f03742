"""A server in process on a tiny world whose champion, vectors and one stored forecast were exported; eight of its names are those of people."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.tables import save_tables
from pitwall.serving.app import create_app
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.in_process import running
from pitwall.testing.worlds.forecasts import NAME, World
from pitwall.workflows import forecast
from pitwall.workflows.serving.export import publish
from pitwall.workflows.serving.exporting import races as exported
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
    """A project with a champion that servers may answer with."""
    world = World(tmp_path_factory.mktemp("served"), upcoming=1)
    save_tables(named(world.tables), world.job.project.tables)
    (world.job.project.root / "dvc.yaml").write_text("stages: {}\n")
    tools = {"registry": world.registry, "runs": FakeTracker(), "features": world.reader}
    with (
        pytest.MonkeyPatch.context() as patch,
        Workspace(world.job.project, params=world.job.params, **tools) as made,
    ):
        patch.setattr(exported, "vintage", lambda *_: VINTAGE)
        publish(made, NAME)
        for race in (None, "2024-02"):
            forecast.forecast(made, NAME, race, provenance={"git.commit": "abc"})
        yield made


@pytest.fixture(scope="module")
def served(workspace):
    """What a client is given to reach a server of that project in process."""
    with running(create_app(workspace, ServingSettings(), tokens_needed=False)) as transport:
        yield SimpleNamespace(transport=transport, workspace=workspace)
