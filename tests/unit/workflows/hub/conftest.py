"""A project that trusts one signer, and a stranger."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.domain.project import Project
from pitwall.testing.bundles.honest import Signer, signer
from pitwall.workflows.hub.trust import trust


@pytest.fixture(scope="session")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("keys"), "ada")


@pytest.fixture(scope="session")
def mallory(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("keys"), "mallory")


@pytest.fixture
def project(tmp_path: Path, ada: Signer) -> Project:
    """One that trusts Ada."""
    made = Project(tmp_path / "project")
    made.state.mkdir(parents=True)
    trust(made, ada.pem)
    return made
