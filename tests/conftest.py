"""What all tests share: no Prefect server by accident, and one tiny project that has been through the whole chain."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pitwall.testing._project import TinyProject, make_project

CHECKOUT = Path(__file__).resolve().parents[1]

os.environ["PREFECT_API_URL"] = ""
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def tiny_project(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """One tiny project after `dvc repro` from nothing; tests leave it up to date and committed."""
    project = make_project(CHECKOUT, tmp_path_factory.mktemp("tiny") / "project")
    project.dvc("repro")
    project.commit()
    return project


@pytest.fixture
def empty_project(tmp_path: Path) -> TinyProject:
    """A tiny project in which nothing was run."""
    return make_project(CHECKOUT, tmp_path / "project")
