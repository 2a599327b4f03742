"""What a run logs while its store is away waits in order, is read from there, and is sent exactly once, whatever is killed."""

from __future__ import annotations

import json
import threading
import warnings
from pathlib import Path

import pytest

from pitwall.adapters.spool.journal import JOURNAL, Spool
from pitwall.adapters.spool.reader import SpooledRuns
from pitwall.adapters.spool.sync import sync
from pitwall.adapters.spool.tracker import SpoolingTracker
from pitwall.adapters.spool.waiting import waiting
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.testing.fakes.away import log_all, see_whole
from pitwall.tracking.experiments.tracker import ExperimentTracker
from pitwall.tracking.run_stores.store import RunStore


def test_while_the_store_answers_nothing_waits(store, tracker, project, tmp_path):
    run = log_all(tracker, tmp_path / "files")
    assert run in store.runs
    assert not Spool(project).ids()
    assert sync(project, store, store) == []


def test_a_run_that_began_away_waits_whole_is_read_and_sent_once(store, tracker, project, tmp_path):
    store.away = True
    run = log_all(tracker, tmp_path / "files")
    assert run.startswith("offline-")
    assert store.runs == {}
    reader = SpooledRuns(store, project)
    record = reader.read(run)
    assert (record.status, record.params["rate"]) == ("FINISHED", "0.1")
    assert record.metrics == {"loss": 1.0 / 3, "fit.loss": 0.6}
    assert record.started == "1970-01-01T00:00:01+00:00"
    assert [each.run_id for each in reader.all("pitwall-lab")] == [run]  # the nested one is not there
    assert (reader.names("pitwall-lab"), reader.page(run)) == ({"away"}, "# Done")
    assert [(each.name, each.status) for each in reader.nested(run)] == [("trial", "FINISHED")]
    assert reader.history(run, "loss") == [(0, 1.0), (1, 0.5), (2, 1.0 / 3)]
    assert reader.artifacts(run) == ["a.txt", "notes/a.txt"]
    assert reader.file(run, "notes/a.txt").read_text() == "one"
    with reader.held(run) as held:
        assert {path: file.read_text() for path, file in held.items()} == {"notes/a.txt": "one", "a.txt": "one"}
    assert reader.home(run) == str(project.state / "spool" / run)
    assert "of 2 run(s) wait in .pitwall/spool" in waiting(project).words()

    [first, *_] = sync(project, store, store)
    assert "away" in first.trouble
    store.away = False
    done = {each.run_id: each for each in sync(project, store, store)}
    see_whole(store)
    assert (done[run].name, done[run].sent, done[run].waits, done[run].open) == ("away", 12, 0, False)
    with reader.held(run) as held:
        assert sorted(held) == ["a.txt", "notes/a.txt"]
    assert reader.read(run).run_id == done[run].store_id == reader.find(run[:12])[0]
    assert [each.name for each in reader.nested(run)] == ["trial"]
    assert waiting(project).words() == ""
    before = list(store.calls)
    assert sync(project, store, store) == []
    assert store.calls == before
    tracker.note(run, "# Judged")
    assert store.runs[done[run].store_id].text == "# Judged"
    store.away = True  # for a second time
    tracker.tag(run, {"mood": "better"})
    store.away = False
    [again] = sync(project, store, store)
    assert (again.store_id, again.trouble, again.open) == (done[run].store_id, "", True)
    assert store.runs[again.store_id].tags["mood"] == "better"


def test_a_run_that_loses_its_store_in_the_middle_keeps_its_order_and_its_id(store, tracker, project):
    run = tracker.start("pitwall-lab", "begun", {})
    tracker.metrics(run, {"loss": 3.0}, 0)
    store.away = True
    with pytest.warns(UserWarning, match=f"the run store is away .*Run {run} waits in .pitwall/spool/{run}"):
        tracker.metrics(run, {"loss": 2.0}, 1)
    store.away = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # once is enough
        tracker.metrics(run, {"loss": 1.0}, 2)
    assert store.runs[run].history == [("loss", 0, 3.0)]  # the third one waits behind the second
    reader = SpooledRuns(store, project)
    assert reader.history(run, "loss") == [(0, 3.0), (1, 2.0), (2, 1.0)]
    assert reader.read(run).metrics == {"loss": 1.0}
    other = tracker.start("pitwall-lab", "other", {})
    tracker.metrics(other, {"loss": 9.0}, 0)
    assert reader.histories([other, run], "loss") == {
        other: [(0, 9.0)],
        run: [(0, 3.0), (1, 2.0), (2, 1.0)],
    }
    assert (reader.home(run), reader.home(other)) == (f"memory:/{run}", f"memory:/{other}")

    [sent] = sync(project, store, store)
    assert (sent.run_id, sent.sent, sent.open) == (run, 2, True)
    tracker.finish(run, "FINISHED")  # it still goes through the journal
    assert store.runs[run].status == "RUNNING"
    [sent] = sync(project, store, store)
    assert (sent.sent, sent.open, store.runs[run].status) == (1, False, "FINISHED")
    assert store.runs[run].history == [("loss", 0, 3.0), ("loss", 1, 2.0), ("loss", 2, 1.0)]


def test_a_start_that_was_heard_and_got_no_answer_makes_no_second_run(store, tracker, project):
    store.deaf = True
    with pytest.warns(UserWarning, match="no answer in time"):
        run = tracker.start("pitwall-lab", "heard", {"kind": "x"})
    store.deaf = False
    tracker.finish(run, "FINISHED")
    sync(project, store, store)
    assert [each.name for each in store.runs.values()] == ["heard"]
    assert [each.status for each in store.runs.values()] == ["FINISHED"]


def test_what_the_store_refuses_is_refused_at_once_and_does_not_wait(store, tracker, project, tmp_path):
    run = tracker.start("pitwall-lab", "strict", {})
    tracker.params(run, {"rate": 1})
    with pytest.raises(TrackingError, match="rate"):
        tracker.params(run, {"rate": 2})
    assert not Spool(project).ids()
    store.away = True
    with pytest.warns(UserWarning, match="away"):
        tracker.params(run, {"depth": 3})
    with pytest.raises(TrackingError, match=r"'depth' of run \w+ is '3' already, not '4'"):
        tracker.params(run, {"depth": 4})
    with pytest.raises(TrackingError, match="is nan"):
        tracker.metrics(run, {"loss": float("nan")})
    with pytest.raises(TrackingError, match="not allowed"):
        tracker.metrics(run, {"lo?ss": 1.0})
    with pytest.raises(TrackingError, match="does not exist"):
        tracker.files(run, tmp_path / "none")
    assert [line["call"] for line in Spool(project).journal(run).lines()] == ["params"]
    with pytest.raises(UnknownName, match="offline-0"):
        tracker.metrics("offline-0", {"loss": 1.0})


def test_a_call_that_the_store_refuses_later_is_kept_and_the_rest_goes_on(store, tracker, project):
    run = tracker.start("pitwall-lab", "changed", {})
    tracker.params(run, {"rate": "1"})
    store.away = True
    with pytest.warns(UserWarning, match="away"):
        tracker.params(run, {"rate": "2"})
    tracker.finish(run, "FINISHED")
    store.away = False
    [sent] = sync(project, store, store)
    assert store.runs[run].status == "FINISHED"
    [(number, why)] = sent.refused
    assert (number, "rate" in why, sent.open) == (0, True, False)
    [kept] = Spool(project).set_aside()
    assert [json.loads(line)["call"] for line in (kept / JOURNAL).read_text().splitlines()] == ["params", "finish"]
    assert "1 journal(s) in .pitwall/spool/set_aside" in waiting(project).words()


def test_a_torn_last_line_is_set_aside_and_named(store, tracker, project):
    store.away = True
    with pytest.warns(UserWarning, match="away"):
        run = tracker.start("pitwall-lab", "torn", {})
    journal = Spool(project).journal(run)
    with (journal.folder / JOURNAL).open("ab") as file:
        file.write(b'{"call": "metr')
    assert SpooledRuns(store, project).read(run).name == "torn"
    tracker.metrics(run, {"loss": 1.0}, 0)
    tracker.finish(run, "FINISHED")
    store.away = False
    [sent] = sync(project, store, store)
    [name] = sent.torn
    [kept] = Spool(project).set_aside()
    assert (kept / name).read_bytes() == b'{"call": "metr'
    assert [(each.history, each.status) for each in store.runs.values()] == [([("loss", 0, 1.0)], "FINISHED")]
    (project.state / "spool" / "x").mkdir()
    (project.state / "spool" / "x" / JOURNAL).write_text("nonsense\n")
    with pytest.raises(TrackingError, match="line 1 of .*x/journal.jsonl is no JSON object"):
        sync(project, store, store)


def test_threads_spool_one_run_and_two_syncs_share_one_work(store, tracker, project):
    store.away = True
    with pytest.warns(UserWarning, match="away"):
        run = tracker.start("pitwall-lab", "threads", {})
    threads = [threading.Thread(target=_log, args=(tracker, run, number)) for number in range(4)]
    _ = [each.start() for each in threads], [each.join() for each in threads]
    tracker.finish(run, "FINISHED")
    store.away = False
    both = [threading.Thread(target=sync, args=(project, store, store)) for _ in range(2)]
    _ = [each.start() for each in both], [each.join() for each in both]
    [there] = store.runs.values()
    assert sorted(there.history) == sorted((f"m{n}", step, 1.0) for n in range(4) for step in range(10))
    assert store.calls.count("metrics") == 40


def _log(tracker: SpoolingTracker, run: str, number: int) -> None:
    for step in range(10):
        tracker.metrics(run, {f"m{number}": 1.0}, step, at=step)


def test_an_experiment_tracker_does_not_notice_but_for_a_warning(store, tracker, project):
    runs = RunStore(tracker, SpooledRuns(store, project), "pitwall-lab")
    experiments = ExperimentTracker("lab", runs)
    store.away = True
    with pytest.warns(UserWarning, match="away"):
        run = experiments.create_run(tags={"version": "v1"}, description="by night")
    experiments.log_params(run, {"rate": 0.1, "layers": [3, 2], "word": "1"})
    for step in range(2):
        experiments.log_metrics(run, {"loss": 1.0 - step / 2}, step=step)
    experiments.log_metrics(run, {"test_loss": 0.7})
    experiments.log_artifact(run, Path(__file__), "code.py")
    experiments.finish_run(run)
    before = experiments.get_run(run)
    assert before["params"] == {"rate": 0.1, "layers": [3, 2], "word": "1"}
    assert [each["value"] for each in before["metrics"]["loss"]] == [1.0, 0.5]
    assert before["metrics"]["test_loss"][0]["step"] is None
    assert experiments.get_best_run("test_loss", "pitwall-lab", mode="min")["run_id"] == run
    store.away = False
    sync(project, store, store)
    after = experiments.get_run(run)  # by the id that it had
    assert (after["params"], after["status"], after["description"]) == (before["params"], "completed", "by night")
    assert experiments.list_runs()[0]["run_id"] == after["run_id"] == "run0000"
