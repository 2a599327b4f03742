"""A project in which nothing was run, with two people: ada, an admin, and ben, a member."""

import pytest

from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.testing.passwords import cheap_passwords
from pitwall.workflows.people import accounts
from pitwall.workflows.workspace import Workspace

SECRET = {"ada": "a door with five hinges", "ben": "seven birds on a wire"}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    with cheap_passwords(), Workspace(Project(tmp_path)) as made:
        for name, password in SECRET.items():
            accounts.create(made, name, password)
        yield made


@pytest.fixture
def secret():
    return SECRET
