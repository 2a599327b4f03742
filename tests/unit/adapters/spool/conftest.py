"""A project, a store that goes away, and what spools between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.spool.tracker import SpoolingTracker
from pitwall.domain.project import Project
from pitwall.testing.fakes.away import StoreThatGoes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    return Project(root)


@pytest.fixture
def store() -> StoreThatGoes:
    return StoreThatGoes()


@pytest.fixture
def tracker(store: StoreThatGoes, project: Project) -> SpoolingTracker:
    return SpoolingTracker(store, project)
