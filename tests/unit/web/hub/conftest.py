"""The pages of an empty project whose owners share models; loading a model takes a process of its own, which has its own tests."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.testing.bundles.honest import signer
from pitwall.web.app import create_pages
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.trust import trust
from pitwall.workflows.workspace import Workspace

PARAMS = Path(__file__).resolve().parents[4] / "params.yaml"
HERE = "http://localhost"


class Visitor:
    """A browser in front of the pages.

    Args:
        app: with the pages.
    """

    def __init__(self, app):
        self.client = TestClient(app, base_url=HERE, headers={"Accept": "text/html"}, raise_server_exceptions=False)

    def get(self, path):
        return self.client.get(path)

    def plain(self, path):
        """Return the words of a page."""
        return words(self.get(path))

    def token(self, path="/hub"):
        return re.search(r'name="csrf" value="([0-9a-f]{64})"', self.get(path).text)[1]

    def post(self, path, shown="/hub", **fields):
        """Send a form of a page."""
        return self.client.post(path, data={**fields, "csrf": self.token(shown)}, headers={"Origin": HERE})

    def bring(self, content, name="given.zip"):
        """Send a file as the page's script does."""
        headers = {"X-Pitwall-Form": self.token(), "X-Pitwall-File": quote(name), "Origin": HERE}
        return self.client.post("/hub/bring", content=content, headers=headers)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]))


@pytest.fixture(scope="session")
def ada(tmp_path_factory):
    return signer(tmp_path_factory.mktemp("keys"), "ada")


@pytest.fixture(scope="session")
def mallory(tmp_path_factory):
    return signer(tmp_path_factory.mktemp("keys"), "mallory")


@pytest.fixture
def workspace(tmp_path, ada, monkeypatch):
    """Of a project that trusts Ada."""
    monkeypatch.setattr(receiving, "see_loadable", lambda *_: None)
    project = Project(tmp_path / "project")
    project.state.mkdir(parents=True)
    trust(project, ada.pem)
    with Workspace(project, params=load_params(PARAMS)) as made:
        yield made


@pytest.fixture
def visitor(workspace):
    return Visitor(create_pages(workspace, ServingSettings()))
