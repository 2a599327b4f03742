"""The pages of a tiny project in which models were trained, asked in this process."""

import re

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.testing.trained import TrainedWorld
from pitwall.web.app import create_pages

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    made = TrainedWorld(tmp_path_factory.mktemp("trained"))
    made.crown()
    return made


@pytest.fixture(scope="session")
def app(world):
    return create_pages(world.workspace, ServingSettings())


@pytest.fixture(scope="session")
def opened(app):
    """One browser for all tests: with it the workspace is closed."""
    with TestClient(
        app, base_url="http://localhost", headers={"Accept": "text/html"}, raise_server_exceptions=False
    ) as made:
        yield made


@pytest.fixture
def browser(opened, app, world, monkeypatch):
    monkeypatch.setenv("PITWALL_HOME", str(world.project.root))
    app.state.memo.forget()
    return opened


@pytest.fixture
def plain(browser):
    """Return the words of a page, without its marks."""

    def words(path):
        answer = browser.get(path)
        assert answer.status_code == 200, answer.text
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]))

    return words


@pytest.fixture
def evil_run(world):
    """A run by hand with a hostile name, parameter and metric, which is taken away afterwards."""
    run_id = world.tracker.start(EVIL, EVIL, {"pitwall.model": f"{EVIL}-pre_race"})
    world.tracker.params(run_id, {EVIL: EVIL})
    world.tracker.metrics(run_id, {"test_auc": 0.7}, step=1)
    world.tracker.metrics(run_id, {"test_auc": 0.8}, step=2)
    world.tracker.finish(run_id, "FINISHED")
    yield run_id
    del world.tracker.runs[run_id]
