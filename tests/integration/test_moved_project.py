"""A project lies in any folder, and when it is moved or copied its runs lead to its own files and to no other project's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.adapters.mlflow import sqlite
from pitwall.adapters.mlflow.health import troubles
from pitwall.adapters.mlflow.move import moves
from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.store import _clients, move_store, open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.errors import TrackingError
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE, StoreAddress, sqlite_address
from pitwall.testing.fakes.postgres import create_database
from pitwall.testing.worlds.project import TinyProject

pytestmark = pytest.mark.slow

ODD = "C# 50%20 what? q'\"ü;&= %(x)s [a]"


@pytest.fixture(autouse=True)
def other_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each store is opened as if by a process of its own."""
    monkeypatch.delenv(VARIABLE, raising=False)
    yield
    _clients.clear()


def logged(project: Project, text: str) -> str:
    """Log a run with one file."""
    project.root.mkdir(exist_ok=True)
    file = project.root / "note.txt"
    file.write_text(text)
    tracker = MlflowTracker(project)
    run_id = tracker.start("pit stops", "run", {})
    tracker.files(run_id, file, "notes")
    tracker.finish(run_id, "FINISHED")
    return run_id


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def text_of(project: Project, run_id: str) -> str:
    path = MlflowRuns(project).file(run_id, "notes/note.txt")
    assert path is not None
    return path.read_text()


def test_an_odd_folder_holds_all_that_is_written_and_a_copy_writes_into_itself_alone(tmp_path: Path) -> None:
    first, second = Project(tmp_path / ODD), Project(tmp_path / "the copy")
    kept = logged(first, "first")
    assert [path.name for path in tmp_path.iterdir()] == [ODD]
    assert text_of(first, kept) == "first"
    shutil.copytree(first.root, second.root)
    before = files(first.root)
    added = logged(second, "second")
    assert files(first.root) == before
    shutil.rmtree(first.root)
    assert (text_of(second, kept), text_of(second, added)) == ("first", "second")
    assert [path.name for path in tmp_path.iterdir()] == ["the copy"]
    assert [(move.before, move.after) for move in moves(second)] == [(str(first.root), str(second.root))]
    assert {each.artifact_location.count("the%20copy") for each in open_store(second).search_experiments()} == {1}


def test_a_project_that_is_moved_into_itself_and_back_keeps_its_files(tmp_path: Path) -> None:
    """The old place may be a beginning of the new one, and the other way round."""
    home = tmp_path / "f1"
    run_id = logged(Project(home), "kept")
    for step, place in enumerate((home / "mlruns" / "f1", home), start=1):
        shutil.move(home if step == 1 else home / "mlruns" / "f1", tmp_path / "on the way")
        if step == 2:
            shutil.rmtree(home)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(tmp_path / "on the way", place)
        _clients.clear()
        assert text_of(Project(place), run_id) == "kept"
        assert len(moves(Project(place))) == step


def test_an_address_that_leads_elsewhere_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(path: Path) -> StoreAddress:
        return StoreAddress("sqlite", f"sqlite:///{str(path).split('#')[0]}", path=path)

    monkeypatch.setattr(sqlite, "sqlite_address", cut)
    project = Project(tmp_path / "C#")
    project.root.mkdir()
    with pytest.raises(TrackingError, match=r"C#/mlruns/mlflow.db would be opened at .*/C: a character"):
        open_store(project)
    assert [path.name for path in tmp_path.iterdir()] == ["C#"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_elsewhere_is_rewritten_when_asked_and_never_for_a_copy(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    address = sqlite_address(tmp_path / "runs.db").uri
    if kind == "postgresql":
        address = create_database(request.getfixturevalue("postgres_server"), "moved")
    monkeypatch.setenv(VARIABLE, address)
    first, second = Project(tmp_path / "first"), Project(tmp_path / "second")
    kept = logged(first, "first")
    shutil.copytree(first.root, second.root)
    before = files(first.root)
    for attempt in (lambda: logged(second, "x"), lambda: MlflowTracker(second).files(kept, second.root / "note.txt")):
        with pytest.raises(TrackingError, match=f"lie in {first.root}/mlruns, another project's folder"):
            attempt()
    with pytest.raises(TrackingError, match="is still there, so this project is a copy"):
        move_store(second)
    assert files(first.root) == before
    assert any("before it was moved" in each.found for each in troubles(second))
    shutil.rmtree(first.root)
    with pytest.raises(TrackingError, match="no experiment of the run store lies in /nowhere"):
        move_store(second, Path("/nowhere"))
    assert [move.before for move in move_store(second)] == [str(first.root)]
    assert text_of(second, kept) == "first"
    assert not first.root.exists()


def test_a_trained_project_works_where_it_was_copied_to(tiny_project: TinyProject, tmp_path: Path) -> None:
    copy = TinyProject(tmp_path / ODD)
    shutil.copytree(tiny_project.root, copy.root, symlinks=True)
    before = files(tiny_project.root / "mlruns")
    assert "of 43 items passed" in copy.pitwall("exp", "lint", "order-pre_race@candidate").stdout
    assert "moved" in copy.pitwall("doctor").stdout
    assert copy.dvc("status").stdout.strip() == "Data and pipelines are up to date."
    assert files(tiny_project.root / "mlruns") == before
    assert [path.name for path in tmp_path.iterdir()] == [ODD]
