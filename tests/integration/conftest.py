"""A project on disk whose stores are in memory: what a model goes through from training to forecast, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from pitwall.domain.params import Params
from pitwall.domain.ports import DataVersions
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, save_tables
from pitwall.testing import FakeFeatureReader, FakeRegistry, FakeTracker
from pitwall.workflows.workspace import Workspace


class InMemory(Workspace):
    """The workspace of a project with these tables, for models that params.yaml does not list: nobody may ask DVC about them.

    Args:
        root: an empty folder.
        tables: all that the project knows.
        params: of the project.
    """

    def __init__(self, root: Path, tables: Tables, params: Params) -> None:
        self.tables = tables
        tracker = FakeTracker()
        save_tables(tables, Project(root).tables)
        super().__init__(
            Project(root),
            params=params,
            tracker=tracker,
            runs=tracker,
            registry=FakeRegistry(),
            features=FakeFeatureReader(tables),
            versions=cast(DataVersions, _Unasked()),
        )

    def provenance(self, flow_run: str | None = None) -> dict[str, str]:
        """Return what a clean checkout says of itself."""
        return {"git.commit": "0" * 40, "git.dirty": "clean"}


class _Unasked:
    """Data versions of which the questions that are asked on the way have no answer here."""

    hashes = dict

    def stale(self, stages: Sequence[str]) -> list[str]:
        raise AssertionError(f"DVC was asked about {stages}")


@pytest.fixture(scope="session")
def in_memory():
    """Return the class of workspaces with stores in memory."""
    return InMemory
