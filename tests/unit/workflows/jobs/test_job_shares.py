"""Jobs are taken of a day before anything begins, and given back only where nothing did, whoever was killed in between."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from pitwall.adapters.processes.identity import this_process
from pitwall.domain.access.words import Tier
from pitwall.domain.clock import wall
from pitwall.domain.errors import QuotaExceeded, StageError, UnknownName
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.workflows.jobs import notes, shares, standing, starting
from pitwall.workflows.jobs.starting import cancel, start
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.workspace import Workspace

ORDER = TrainingOrder(question="dnf", algorithm="logistic", groups=("driver_form",))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> FakeRuns:
    """A Prefect server with a worker that never takes anything."""
    made = FakeRuns()
    monkeypatch.setattr(starting, "_server", lambda project: made)
    monkeypatch.setattr(starting, "worker_alive", lambda project: True)
    monkeypatch.setattr(standing, "worker_alive", lambda project: True)
    return made


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    with Workspace(Project(tmp_path), tracker=FakeTracker(), registry=FakeRegistry()) as tools:
        tools.accounts.set_tier(Tier("free", jobs_per_day=2, job_hours=0.5, deployed=1))
        tools.accounts.create("ada", ["read"])
        yield tools


def used(workspace: Workspace) -> int:
    return workspace.accounts.jobs_on("ada", wall().astimezone(UTC).date())


def test_a_job_is_its_owners_and_bound_to_the_terms_of_their_tier(workspace: Workspace, runs: FakeRuns) -> None:
    made = start(workspace, ORDER, "a form", "ada").note
    assert (made.owner, made.key, made.tier, made.limit_s) == ("ada", "a form", "free", 1800)
    here = start(workspace, ORDER).note
    assert (here.owner, here.tier, here.limit_s) == ("local", "local", None)
    assert notes.notes(workspace.project)[0].owner in {"ada", "local"}
    assert [each.job for each in workspace.accounts.shares("ada")] == [made.id]


def test_the_same_form_is_one_job_and_beyond_the_quota_nothing_is_started(workspace: Workspace, runs: FakeRuns) -> None:
    first = start(workspace, ORDER, "one", "ada")
    assert start(workspace, ORDER, "one", "ada").id == first.id
    assert start(workspace, ORDER, "one").id != first.id, "another one's form of the same key is another job"
    start(workspace, ORDER, "two", "ada")
    assert shares.told(workspace, "ada").startswith(
        "2 of 2 jobs of today are used in the tier free; each may take 0.5 h"
    )
    with pytest.raises(QuotaExceeded, match="at most 2 a day"):
        start(workspace, ORDER, "three", "ada")
    assert len(runs.all) == len(notes.notes(workspace.project)) == 3
    assert shares.told(workspace, "local") == ""


def test_what_is_cancelled_while_it_waits_is_given_back_and_what_began_is_not(
    workspace: Workspace, runs: FakeRuns
) -> None:
    waits = start(workspace, ORDER, "one", "ada")
    assert cancel(workspace, waits.id).state == "cancelled"
    assert used(workspace) == 0
    start(workspace, ORDER, "one", "ada")
    assert used(workspace) == 0, "the same form again is the job that was cancelled"
    begins = start(workspace, ORDER, "two", "ada")
    runs.change(next(run for run in runs.all if run.id == begins.id), "CRASHED")
    cancel(workspace, begins.id)
    assert used(workspace) == 1
    taken = start(workspace, ORDER, "three", "ada")
    (workspace.project.state / "jobs" / taken.id / notes.PROCESS).write_text(this_process())
    cancel(workspace, taken.id)
    assert used(workspace) == 2, "a process had taken it already"


def test_a_start_that_fails_costs_nothing(
    workspace: Workspace, runs: FakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object) -> str:
        raise StageError("no answer")

    monkeypatch.setattr(runs, "start", away)
    with pytest.raises(StageError, match="no answer"):
        start(workspace, ORDER, "one", "ada")
    assert used(workspace) == 0


def earlier(workspace: Workspace, key: str) -> None:
    """Take a job as somebody did who was killed two minutes ago."""
    workspace.accounts.reserve("ada", key, wall() - timedelta(minutes=2))


def test_a_starter_that_was_killed_before_it_started_anything_costs_nothing_after_a_minute(
    workspace: Workspace, runs: FakeRuns
) -> None:
    earlier(workspace, "killed")
    workspace.accounts.reserve("ada", "starting now")
    assert start(workspace, ORDER, "next", "ada").note.key == "next"
    assert {each.key for each in workspace.accounts.shares("ada")} == {"starting now", "next"}


def test_one_that_was_killed_after_it_started_a_job_has_used_it_and_the_job_is_listed(
    workspace: Workspace, runs: FakeRuns
) -> None:
    earlier(workspace, "unnoted")
    number = runs.start("order", {"order": "question: dnf\n"}, "dnf", shares.run_key("ada", "unnoted"))
    earlier(workspace, "noted")
    other = runs.start("order", {}, "dnf", shares.run_key("ada", "noted"))
    notes.started(workspace.project, other, "order", "dnf", {}, notes.Terms("ada", "noted"))
    shares.settle(workspace, runs, "ada")
    assert {each.key: each.job for each in workspace.accounts.shares("ada")} == {"unnoted": number, "noted": other}
    found = notes.note(workspace.project, number)
    assert found is not None
    assert (found.owner, found.what, found.limit_s) == ("ada", "dnf", 1800)


def test_only_models_that_answer_or_may_soon_count_as_deployed(workspace: Workspace, runs: FakeRuns) -> None:
    def begin(key: str, model: str) -> None:
        terms = shares.terms_of(workspace, "ada", key)
        shares.take(workspace, runs, terms, model, "ada")
        number = runs.start("deploy", {}, model, shares.run_key("ada", key))
        notes.started(workspace.project, number, "deploy", model, {}, terms)
        workspace.accounts.came_of("ada", key, number)

    workspace.accounts.set_tier(Tier("free", deployed=1))
    begin("one", "first-pre_race")
    with pytest.raises(QuotaExceeded, match="1 deployed models of ada: first-pre_race"):
        begin("two", "second-pre_race")
    runs.change(runs.all[0], "COMPLETED")  # a gate has refused it: nothing of theirs answers
    begin("two", "second-pre_race")
    made = workspace.registry.register("second-pre_race", "run", workspace.project.root, None, {"role": "model"})  # type: ignore[arg-type]
    workspace.registry.set_alias("second-pre_race", "champion", made.version)
    runs.change(runs.all[1], "COMPLETED")
    with pytest.raises(QuotaExceeded, match="second-pre_race"):
        begin("three", "third-pre_race")
    assert shares.owner_of_model(workspace, "second-pre_race", "ben") == "ada"
    assert shares.owner_of_model(workspace, "quite_new-pre_race", "ben") == "ben"


def test_who_nobody_knows_starts_nothing(workspace: Workspace, runs: FakeRuns) -> None:
    with pytest.raises(UnknownName, match="unknown owner 'cy'"):
        start(workspace, ORDER, owner="cy")
    assert runs.all == []
