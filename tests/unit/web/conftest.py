"""The pages of a small project that is served, asked in this process."""

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.testing.load.world import ORDER, RETIREMENT, ServedWorld
from pitwall.web.app import create_pages


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    made = ServedWorld(tmp_path_factory.mktemp("pages"), {ORDER: ["stack"], RETIREMENT: ["xgboost"]}, cars=6, races=4)
    close, made.workspace.close = made.workspace.close, lambda: None  # each browser ends the app, which closes it
    yield made
    close()


@pytest.fixture(scope="session")
def app(served):
    return create_pages(served.workspace, ServingSettings())


@pytest.fixture
def browser(app):
    with TestClient(
        app, base_url="http://localhost", headers={"Accept": "text/html"}, raise_server_exceptions=False
    ) as made:
        yield made
