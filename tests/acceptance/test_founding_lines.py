"""The lines of the two founding pages run as they are retold in `founding/`; where a line differs, docs/founding.md says how and why.

Tools that take seconds to open stand in memory; the same lines on MLflow and Feast are what the notebooks do.
"""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import matplotlib as mpl
import pytest

import pitwall as pw
from pitwall import wiring
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features.machinery.custom import engineer
from pitwall.testing import FakeFeatureReader, FakeTracker
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.tracking import seeds

FOLDER = Path(__file__).parent / "founding"
# file: after which other one it goes on, sharing its names
FILES = {
    "tracking": None,
    "early_stopping": None,
    "search": None,
    "registry": None,
    "features": None,
    "configuration": None,
    "pipeline": "features",
    "selection": None,
    "momentum": None,
}
# Lines of the page on the playground that stand in a file of their own once it is added: here with the file's name, above with its run.
TO_COME = {
    "ModelBuilder(task, target).train(data, algorithm, auto_tune), model.evaluate, results.plot_*, model.deploy": "builder",
    "model.connect_to_stream(source, update_frequency), model.predict_championship(season, remaining_races)": "builder",
    "AutoMLTrainer(task, time_budget, metric, ensemble).train(data), best_model.algorithm, .score": "automl",
}
# Lines that nothing answers yet, by the name that will; when it is there they are written into `founding/` and taken out here.
NOT_BUILT = {"registry.ab_test(name, v1, v2, traffic_split), exercise 2": (pw.ModelRegistry, "ab_test")}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A project with the tables of a tiny world, and what joins its features."""
    project = Project(tmp_path_factory.mktemp("project"))
    tables = tiny_tables(seasons=3, races=4, cars=6)
    save_tables(tables, project.tables)
    project.params.write_text("seed: 7\n", encoding="utf-8")
    (project.root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    return project, FakeFeatureReader(tables)


@pytest.fixture
def in_a_project(world, monkeypatch):
    """That project is found from anywhere, its tools are in memory."""
    (project, reader), tracker = world, FakeTracker()
    shutil.rmtree(project.model_notes, ignore_errors=True)
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    monkeypatch.setattr(wiring, "tracker", lambda _: tracker)
    monkeypatch.setattr(wiring, "runs", lambda _: tracker)
    monkeypatch.setattr(wiring, "feature_reader", lambda _: reader)
    monkeypatch.setattr(engineer, "_SESSION", {})
    monkeypatch.setattr(seeds, "find_spec", lambda name: None)  # PyTorch takes seconds to load, and no line needs it
    mpl.use("Agg")


def _run(name: str) -> dict[str, object]:
    before = FILES[name]
    space = _run(before) if before else {}
    path = FOLDER / f"{name}.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    return space


@pytest.mark.parametrize("name", FILES)
def test_the_lines_run(name, in_a_project):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        _run(name)
    shadowed = [str(each.message) for each in told if "is also a feature that ships" in str(each.message)]
    assert len(shadowed) == (name == "momentum")


def test_every_file_is_run():
    assert set(FILES) == {path.stem for path in FOLDER.glob("*.py")}


def test_lines_are_to_come_or_run():
    assert not set(TO_COME.values()) & set(FILES), "take the lines that run out of TO_COME"


@pytest.mark.parametrize("line", NOT_BUILT)
def test_a_line_that_waits_is_moved_when_it_can_run(line):
    owner, name = NOT_BUILT[line]
    assert not hasattr(owner, name), f"{name} is there: write its lines into founding/, and take it out here"
