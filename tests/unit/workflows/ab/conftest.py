"""A project on a tiny world with a champion and a version beside it that may become its challenger."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from pitwall.domain.tables import save_tables
from pitwall.testing.worlds.forecasts import NAME, World
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.ab import declare
from pitwall.workflows.forecast import forecast
from pitwall.workflows.serving.places import Place

RACES = ("2024-04", "2024-05", "2024-06")  # to come, until `over`
SALT = "0b"  # by it the second of them is the challenger's at a split of a half


class Duel:
    """A project whose champion is a model and whose other version is its baseline."""

    def __init__(self, root):
        self.world = World(root)
        self.champion = self.world.registry.aliases(NAME)["champion"]
        (self.other,) = (each.version for each in self.world.registry.versions(NAME) if each.version != self.champion)
        self.project = self.world.job.project

    def fresh(self):
        """Return a workspace as on the first day."""
        for folder in (self.project.mlruns, self.project.reports / "forecasts", self.project.state):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(
            self.project.serving / "forecasts", ignore_errors=True
        )  # what it was made from stays: it is the same each time
        Place(self.project, NAME).test.unlink(missing_ok=True)
        self.world.registry.tags.clear()
        self.world.registry.held[NAME] = {"champion": self.champion}
        save_tables(self.world.tables, self.project.tables)
        return self.world.workspace()

    def before(self, race=RACES[0], **ago):
        """Return an instant before a race, half an hour when nothing is said."""
        races = self.world.tables["races"].query("season == 2024").set_index("round")
        start = races["starts_at"][int(race.removeprefix("2024-"))].to_pydatetime()
        return start - timedelta(**(ago or {"minutes": 30}))

    def begin(self, workspace, split=0.5, **wish):
        """Declare a test a day before the first race to come."""
        asked = declare.Wish(challenger=str(self.other), split=split, by="Ada", note="try it")
        return declare.start(workspace, NAME, wish.get("wish", asked), self.before(days=1))

    def ask(self, workspace, race, **more):
        """Forecast a race half an hour before it."""
        return forecast(workspace, NAME, race, provenance={"git.commit": "abc"}, now=self.before(race), **more)

    def over(self, workspace):
        """Let the first two races to come have results, and return an instant after them."""
        save_tables(tiny_tables(seasons=4, races=6, cars=8, upcoming=1), workspace.project.tables)
        return self.before(RACES[1], days=-1)


@pytest.fixture(scope="module")
def duel(tmp_path_factory):
    return Duel(tmp_path_factory.mktemp("duel"))


@pytest.fixture
def workspace(duel, monkeypatch):
    monkeypatch.setattr(declare.secrets, "token_hex", lambda _: SALT)
    with duel.fresh() as made:
        yield made
