"""Whatever is killed while a run spools or is sent, nothing that was acknowledged is lost, and nothing arrives twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import warnings
from pathlib import Path
from typing import Any

from pitwall.adapters.spool.journal import Progress, Spool
from pitwall.adapters.spool.sync import sync
from pitwall.adapters.spool.tracker import SpoolingTracker
from pitwall.domain.project import Project
from pitwall.domain.records.run_tags import OWN_ID
from pitwall.domain.refs import FrameRef
from pitwall.testing.fakes.away import CHANGING, StoreThatGoes, log_all, see_whole
from pitwall.testing.fakes.kill import first_of_each, killed, left_behind, steps


class OnDisk(StoreThatGoes):
    """The same store, in a file that is replaced at each change: what a sync that is killed leaves of it can be looked at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        if path.is_file():
            self.runs = {run_id: _run(content) for run_id, content in json.loads(path.read_text()).items()}

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in CHANGING:
            return found

        def kept(*arguments: Any, **named: Any) -> Any:
            result = found(*arguments, **named)
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps({run_id: _content(run) for run_id, run in self.runs.items()}))
            fresh.replace(self.path)
            return result

        return kept

    def metrics(self, run_id: str, metrics: Any, step: int | None = None, at: int | None = None) -> None:
        """As MLflow: the same number of the same step and instant is one."""
        run, before = self.runs[run_id], list(self.runs[run_id].history)
        run.status = "RUNNING"
        super().metrics(run_id, metrics, step, at)
        run.history = list(dict.fromkeys([*before, *run.history]))

    def curve(self, run_id: str, metric: str, values: Any, at: int | None = None) -> None:
        """The same."""
        for step, value in values:
            self.metrics(run_id, {metric: value}, step, at)

    def dataset(self, run_id: str, frame: FrameRef, context: str) -> None:
        """As MLflow: the same frame is linked once."""
        if (frame.md5, context) not in self.runs[run_id].datasets:
            super().dataset(run_id, frame, context)


def _content(run: Any) -> dict[str, Any]:
    return {**vars(run), "contents": {name: data.decode() for name, data in run.contents.items()}}


def _run(content: dict[str, Any]) -> Any:
    from pitwall.testing.fakes.run_store import FakeRun

    contents = {name: text.encode() for name, text in content["contents"].items()}
    history = [tuple(each) for each in content["history"]]
    datasets = [tuple(each) for each in content["datasets"]]
    return FakeRun(**{**content, "contents": contents, "history": history, "datasets": datasets})


def test_a_sync_that_is_killed_before_any_step_is_gone_on_with(store, tracker, project, tmp_path):
    store.away = True
    log_all(tracker, tmp_path / "files")
    path = project.root / "store.json"

    def work() -> None:
        there = OnDisk(path)
        sync(project, there, there)

    states = left_behind(work, project.root, tmp_path / "states")
    assert len(states) > 10
    for state in states.values():
        there = OnDisk(state / "store.json")
        sync(Project(state), there, there)
        see_whole(there)
        assert Spool(Project(state)).ids() == []
        assert not list((state / ".pitwall" / "spool").glob(".gone*"))


def test_a_run_that_is_killed_while_it_spools_loses_nothing_that_was_acknowledged(project, tmp_path):
    def work() -> None:
        away = StoreThatGoes()
        away.away = True
        log_all(SpoolingTracker(away, project), tmp_path / "files")

    found = steps(work, project.root)
    shutil.rmtree(project.state)
    counts = []
    for number in first_of_each(found):
        killed(work, project.root, number)
        kept = [line["call"] for run_id in Spool(project).ids() for line in Spool(project).journal(run_id).lines()]
        counts.append(len(kept))
        store = StoreThatGoes()
        sync(project, store, store)
        assert sum(len(run.history) for run in store.runs.values()) == kept.count("metrics") + 2 * kept.count("curve")
        assert len(store.runs) == kept.count("start")
        assert Spool(project).ids() == []  # its process is gone, so nobody goes on
        shutil.rmtree(project.state)
    assert counts == sorted(counts)
    assert counts[-1] >= 10


def test_sigkill_in_the_middle_of_a_real_spool_leaves_whole_lines(project, store):
    """A child logs until it dies; what it was told to be kept is kept."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        away = StoreThatGoes()
        away.away = True
        tracker = SpoolingTracker(away, project)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = tracker.start("pitwall-lab", "doomed", {})
        for step in range(100_000):
            tracker.metrics(run, {"loss": float(step)}, step, at=step)
            os.write(write, b"x")
    seen = b""
    while len(seen) < 20:
        seen += os.read(read, 100)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(write)
    while more := os.read(read, 1000):
        seen += more
    sync(project, store, store)
    [run] = store.runs.values()
    assert [step for _, step, _ in run.history] == list(range(len(run.history)))
    assert len(run.history) - len(seen) in (0, 1)


def test_progress_that_is_lost_costs_calls_and_nothing_else(store, tracker, project, tmp_path):
    store.away = True
    run = log_all(tracker, tmp_path / "files")
    path = tmp_path / "store.json"
    there = OnDisk(path)
    copy = tmp_path / "copy"
    shutil.copytree(project.root, copy)
    sync(project, there, there)
    journal = Spool(Project(copy)).journal(run)
    assert journal.progress() == Progress()  # as after a power cut that took the file with it
    sync(Project(copy), there, there)
    see_whole(there)
    assert len(there.runs) == 2
    assert there.runs[min(there.runs)].tags[OWN_ID] == run.removeprefix("offline-")
