"""What all tests share: no Prefect server by accident, and one tiny project that has been through the whole chain."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.testing.fakes.postgres import postgres, programs
from pitwall.testing.worlds.project import TinyProject, make_project

CHECKOUT = Path(__file__).resolve().parents[1]

os.environ["PREFECT_API_URL"] = ""
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first: at the end the workers should have short ones to share, and not wait for one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among what the libraries made: a twentieth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(scope="session")
def walls() -> None:
    """Leave out what runs strangers' cells where the kernel refuses the walls for them: there nothing is imported, which has tests of its own."""
    from pitwall.workflows.importing.importing import why_not

    if reason := why_not():
        pytest.skip(reason)


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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of an empty PostgreSQL on loopback, its password in it; make a database of your own."""
    if programs() is None:
        assert not os.environ.get("CI"), "CI must have PostgreSQL; install the Debian package postgresql"
        pytest.skip("PostgreSQL is not installed")
    with postgres() as server:
        yield server
