"""What people do with runs that are over, the same in every run store: rename, untag, archive, restore, search."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pitwall import wiring
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.sweeper import MlflowSweeper
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.testing import FakeTracker
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.tracking.json_runs import JsonRuns
from pitwall.workflows.logbook import editing, searching
from pitwall.workflows.logbook.store import Logbook

CONDITIONS = [
    "metrics.loss < 0.15",
    "metrics.loss >= 0.2 and params.rate = '2'",
    "params.`model.kind` LIKE 'tr%' and tags.team != 'red'",
    "attributes.status = 'FAILED'",
    "attributes.run_name = 'sought 1'",
    "tags.dvc.rev = 'abc'",  # packed with others into one tag of MLflow's
]


def mlflow_book(home):
    project = Project(home)
    runs, registry = wiring.runs(project), FakeRegistry()
    workspace = SimpleNamespace(project=project, registry=registry, runs=runs)
    return Logbook(runs, wiring.tracker(project), wiring.run_editor(project), project.state, home, workspace)


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """A logbook on each run store."""
    fake, files = FakeTracker(), JsonRuns(tmp_path_factory.mktemp("files"))
    plain = {"fake": fake, "json": files}
    home = tmp_path_factory.mktemp("home")
    return {
        **{name: Logbook(runs, runs, runs, home / name, home / name) for name, runs in plain.items()},
        "mlflow": mlflow_book(tmp_path_factory.mktemp("project")),
    }


@pytest.fixture(params=["fake", "json", "mlflow"])
def book(request, books):
    return books[request.param]


def test_a_run_gets_another_name_and_loses_tags_wherever_they_stand(book):
    run = book.tracker.start("edited", "before", {"team": "blue", "dvc.rev": "abc", "dvc.lock": "f00"})
    book.tracker.finish(run, "FINISHED")
    assert editing.rename(book, run, "after").name == "before"
    assert book.run("after").run_id == run
    with pytest.raises(UnknownName, match="taem"):
        editing.tag(book, run, (), ["team", "taem"])
    left = editing.tag(book, run, ["driver=A"], ["team", "dvc.rev"])
    assert {key: left.get(key) for key in ("team", "dvc.rev", "dvc.lock", "driver")} == {
        "team": None,
        "dvc.rev": None,
        "dvc.lock": "f00",
        "driver": "A",
    }


def test_an_archived_run_takes_its_nested_runs_along_and_brings_them_back(book):
    above = book.tracker.start("archived", "search", {})
    trial = book.tracker.start("archived", "trial", {}, parent=above)
    other = book.tracker.start("archived", "other", {})
    for run in (trial, above, other):
        book.tracker.metrics(run, {"loss": 1.0})
        book.tracker.finish(run, "FINISHED")
    editing.archive(book, [above])
    assert [each.run_id for each in book.runs.all("archived")] == [other]
    assert [each.run_id for each in book.editor.archived("archived")] == [above]
    assert book.editor.archived("edited") == []
    assert book.runs.read(above).metrics == {"loss": 1.0}
    book.editor.archive(above)  # once more changes nothing
    with pytest.raises(UnknownName, match="archived run"):
        editing.restore(book, ["other"])
    editing.restore(book, ["search"])
    assert {each.run_id for each in book.runs.all("archived")} == {above, other}
    assert book.runs.find(trial) == [trial]
    assert book.editor.archived("archived") == []


def test_histories_come_in_one_question(book):
    runs = [book.tracker.start("curves", f"curve {number}", {}) for number in range(3)]
    for number, run in enumerate(runs[:2]):
        for step in (2, 0, 1):
            book.tracker.metrics(run, {"loss": number + step / 10}, step=step)
    found = book.runs.histories(runs, "loss")
    assert found == {run: book.runs.history(run, "loss") for run in runs}
    assert found[runs[1]] == [(0, 1.0), (1, 1.1), (2, 1.2)]
    assert found[runs[2]] == []


def test_a_condition_holds_for_the_same_runs_in_every_store(books):
    for book in books.values():
        for number, (kind, team) in enumerate([("trees", "red"), ("trees", "blue"), ("net", "blue")]):
            run = book.tracker.start(
                "sought", f"sought {number}", {"team": team, "dvc.rev": "abc" if number else "def"}
            )
            book.tracker.params(run, {"rate": number, "model": {"kind": kind}})
            book.tracker.metrics(run, {"loss": number / 10})
            book.tracker.finish(run, "FAILED" if number == 2 else "FINISHED")
    for condition in CONDITIONS:
        found = {
            name: [each.name for each in searching.search(book, condition, "sought")] for name, book in books.items()
        }
        assert found["mlflow"] == found["json"] == found["fake"], condition
        assert 0 < len(found["json"]) < 3, condition


def test_a_run_whose_version_holds_an_alias_is_not_archived(books, tmp_path):
    book = books["mlflow"]
    run, free = (book.tracker.start("held", name, {}) for name in ("maker", "free"))
    for each in (run, free):
        book.tracker.finish(each, "FINISHED")
    (tmp_path / "recipe.json").write_text("{}")
    registry = book.workspace.registry
    registry.register("order-pre_race", run, tmp_path, None, {"role": "baseline"})
    registry.set_alias("order-pre_race", "champion", 1)
    with pytest.raises(UsageError, match="it made order-pre_race version 1, which is champion"):
        editing.archive(book, [free, run])
    assert {each.run_id for each in book.runs.all("held")} == {run, free}


def test_what_was_thrown_away_is_in_no_list_of_archived_runs(books):
    book = books["mlflow"]
    project = book.workspace.project
    run = book.tracker.start("swept", "gone", {})
    book.tracker.finish(run, "FINISHED")
    MlflowSweeper(project).sweep(run)
    assert open_store(project).get_run(run).info.lifecycle_stage == "deleted"
    assert book.editor.archived("swept") == []
    with pytest.raises(UnknownName, match="archived run"):
        book.editor.restore(run)
