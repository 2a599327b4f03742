"""A recorded training to look at, and a project of one's own to spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.domain.project import Project
from pitwall.testing import FakeTracker
from pitwall.testing.fakes.tracking import Recorded, make_tracked, record_training


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of one's own to spoil."""
    return make_tracked(tmp_path / "project")


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A recorded training that tests only look at."""
    home = tmp_path_factory.mktemp("recorded")
    return record_training(make_tracked(home / "project"), FakeTracker(), home)
