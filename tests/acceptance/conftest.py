"""A project on a tiny world whose tools stand in memory: what lines and pages of code run in."""

from __future__ import annotations

import shutil

import matplotlib as mpl
import pytest

from pitwall import wiring
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features.machinery.custom import engineer
from pitwall.ml.audit import Effort
from pitwall.ml.gates import leak_audit
from pitwall.testing import FakeFeatureReader, FakeRegistry, FakeTracker
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.tracking import seeds


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A project with the tables of a tiny world, and what joins its features."""
    project = Project(tmp_path_factory.mktemp("project"))
    tables = tiny_tables(seasons=4, races=4, cars=8, upcoming=1)
    save_tables(tables, project.tables)
    # few trials: of a line that says auto_tune it matters that something is chosen, not how well
    settings = "seed: 7\ntraining: {held_out_seasons: 1}\ntuning: {trials: 4}\n"
    project.params.write_text(settings, encoding="utf-8")
    (project.root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    return project, FakeFeatureReader(tables)


@pytest.fixture
def in_a_project(world, monkeypatch):
    """That project is found from anywhere, its tools are in memory."""
    (project, reader), tracker, registry = world, FakeTracker(), FakeRegistry()
    shutil.rmtree(project.model_notes, ignore_errors=True)
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    monkeypatch.setattr(wiring, "tracker", lambda _: tracker)
    monkeypatch.setattr(wiring, "runs", lambda _: tracker)
    monkeypatch.setattr(wiring, "feature_reader", lambda _: reader)
    monkeypatch.setattr(wiring, "registry", lambda _: registry)
    monkeypatch.setattr(wiring, "provenance", lambda *_: {"git.commit": "0" * 40, "git.dirty": "clean"})
    monkeypatch.setattr(engineer, "_SESSION", {})
    monkeypatch.setattr(
        leak_audit, "QUICK", Effort(seasons=1, instants=2, cutoffs=1, worlds=1)
    )  # its own tests look longer
    monkeypatch.setattr(seeds, "find_spec", lambda name: None)  # PyTorch takes seconds to load, and no line needs it
    mpl.use("Agg")
