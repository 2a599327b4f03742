"""A run store that goes away, and a run with every call there is: what is logged meanwhile must arrive whole, and once."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from pitwall.domain.errors import StoreAway
from pitwall.domain.ports import Tracker
from pitwall.domain.refs import FrameRef
from pitwall.testing.fakes.run_store import FakeTracker

CHANGING = {"start", "params", "metrics", "curve", "files", "dataset", "tag", "note", "finish"}


class StoreThatGoes(FakeTracker):
    """A run store in memory that can be away, can hear without answering, and refuses what one is told to refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.away, self.deaf, self.calls = False, False, list[str]()

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if not callable(found) or name.startswith("_") or (name == "tagged" and not super().__getattribute__("away")):
            return found

        def answered(*arguments: Any, **named: Any) -> Any:
            if self.away:
                raise StoreAway("nobody answers")
            if name in CHANGING:
                self.calls.append(name)
            result = found(*arguments, **named)
            if self.deaf and name in CHANGING:
                raise StoreAway("no answer in time")
            return result

        return answered

    def tagged(self, key: str, value: str) -> list[str]:
        """Return the runs with a tag."""
        return [run_id for run_id, run in self.runs.items() if run.tags.get(key) == value]


def log_all(tracker: Tracker, folder: Path) -> str:
    """Make every call of a tracker, with a nested run."""
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_text("one")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = tracker.start("pitwall-lab", "away", {"kind": "test"}, at=1000)
        tracker.params(run, {"model": {"rounds": 3}, "rate": 0.1})
        for step in range(3):
            tracker.metrics(run, {"loss": 1.0 / (step + 1)}, step, at=2000 + step)
        tracker.curve(run, "fit.loss", [(1, 0.7), (2, 0.6)], at=2500)
        tracker.files(run, folder / "a.txt", "notes")
        tracker.files(run, folder)
        tracker.dataset(run, FrameRef("order", "data/x.parquet", "abc", 2, ("a",)), "training")
        child = tracker.start("pitwall-lab", "trial", {}, parent=run, at=3000)
        tracker.finish(child, "FINISHED", at=3500)
        tracker.tag(run, {"mood": "good"})
        tracker.note(run, "# Done")
        tracker.finish(run, "FINISHED", at=4000)
    return run


def see_whole(store: StoreThatGoes) -> None:
    """See that the store has the run of `log_all` once, with all that it logged, once."""
    (run_id, run), (_, child) = sorted(store.runs.items(), key=lambda each: each[1].parent is not None)
    assert (run.name, run.experiment, run.status, run.tags["mood"], run.text) == (
        *("away", "pitwall-lab", "FINISHED", "good", "# Done"),
    )
    assert run.params == {"model.rounds": "3", "rate": "0.1"}
    curve = [("fit.loss", 1, 0.7), ("fit.loss", 2, 0.6)]
    assert run.history == [("loss", 0, 1.0), ("loss", 1, 0.5), ("loss", 2, 1.0 / 3), *curve]
    assert run.contents == {"notes/a.txt": b"one", "a.txt": b"one"}
    assert run.datasets == [("abc", "training")]
    assert (child.parent, child.status) == (run_id, "FINISHED")
