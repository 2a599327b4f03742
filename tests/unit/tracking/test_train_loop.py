"""A tracked loop: what is logged when, the best epoch kept, early stops, and a true end however it ends."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys

import numpy as np
import pytest

from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.testing import FakeTracker
from pitwall.tracking import JsonTracker, TrainLoop
from pitwall.tracking.experiments.tracker import ExperimentTracker
from pitwall.tracking.run_stores.store import RunStore

LOSSES = [0.9, 0.5, 0.6, 0.4, 0.7, 0.8, 0.3]


@pytest.fixture(params=["json", "store"])
def tracker(request, tmp_path):
    if request.param == "json":
        return JsonTracker(tmp_path / "experiments")
    fake = FakeTracker()
    return ExperimentTracker(None, RunStore(fake, fake))


def test_a_loop_logs_in_order_stops_and_keeps_the_best_epoch(tracker, tmp_path):
    options = {"tags": {"config": "a.yaml"}, "description": "less drag", "watch": "val_loss", "patience": 2}
    with TrainLoop(tracker, "wings", {"rate": 0.1, "layers": [3, 2]}, **options) as loop:
        assert tracker.get_run(loop.run_id)["params"] == {"rate": 0.1, "layers": [3, 2]}  # before anything else
        bests = [
            loop.log(train={"loss": 0.1}, val={"loss": LOSSES[epoch]}, checkpoint=str(epoch).encode(), name="best.bin")
            for epoch in loop.epochs(30, first=0)
        ]
        loop.test({"loss": 0.55, "accuracy": 0.8})
    assert bests == [True, True, False, True, False, False]
    assert (loop.best, loop.best_epoch, loop.epoch) == (0.4, 3, 5)
    run = tracker.get_run(loop.run_id)
    assert (run["status"], run["description"], run["tags"]) == ("completed", "less drag", {"config": "a.yaml"})
    assert [(each["step"], each["value"]) for each in run["metrics"]["val_loss"]] == list(enumerate(LOSSES[:6]))
    finals = {"test_loss": 0.55, "test_accuracy": 0.8, "best_val_loss": 0.4, "best_epoch": 3.0}
    assert {name: run["metrics"][name][-1]["value"] for name in finals} == finals
    if isinstance(tracker, JsonTracker):  # the store in memory has no instants to tell them by
        assert {run["metrics"][name][-1]["step"] for name in finals} == {None}
    reader = tracker.store.reader
    assert reader.file(loop.run_id, "best.bin").read_bytes() == b"3"


@pytest.mark.parametrize(
    ("error", "status"),
    [(ZeroDivisionError("so"), "failed"), (KeyboardInterrupt(), "killed"), (SystemExit(1), "killed")],
)
def test_a_loop_ends_as_it_ended(error, status, tracker):
    loop = TrainLoop(tracker, "wings", {})
    with pytest.raises(type(error)), loop:
        for _ in loop.epochs(3):
            loop.log(train={"loss": 1.0})
            raise error
    run = tracker.get_run(loop.run_id)
    assert (run["status"], len(run["metrics"]["train_loss"])) == (status, 1)
    kept = tracker.store.reader.file(loop.run_id, "traceback.txt")
    assert (kept is not None) == (status == "failed")
    if kept is not None:
        assert "ZeroDivisionError: so" in kept.read_text()


def test_a_run_whose_beginning_breaks_is_not_left_open(tracker):
    loop = TrainLoop(tracker, "wings", {}, sample_every=0)
    with pytest.raises(UsageError, match="more than 0"), loop:
        pass
    assert tracker.get_run(loop.run_id)["status"] == "failed"


def test_sigterm_ends_a_run_as_killed(tmp_path):
    script = (
        "import sys, time; from pitwall.tracking import JsonTracker, TrainLoop\n"
        "with TrainLoop(JsonTracker(sys.argv[1]), 'wings', {}) as loop:\n"
        "    print(loop.run_id, flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True)
    run_id = child.stdout.readline().strip()
    os.kill(child.pid, signal.SIGTERM)
    assert child.wait() == 128 + signal.SIGTERM
    assert JsonTracker(tmp_path).get_run(run_id)["status"] == "killed"


def test_a_checkpoint_may_write_itself_and_is_no_pickle(tracker):
    import torch

    network = torch.nn.Linear(2, 1)
    with TrainLoop(tracker, "wings", {}, watch="val_auc") as loop:
        loop.epoch = 0
        arrays = {name: value.numpy() for name, value in network.state_dict().items()}
        assert loop.log(val={"auc": 0.7}, checkpoint=lambda path: np.savez(path, **arrays))
        kept = tracker.store.reader.file(loop.run_id, "model_best.npz")
        with np.load(kept, allow_pickle=False) as read:
            assert np.array_equal(read["weight"], arrays["weight"])
        assert loop.log(val={"auc": 0.8}, checkpoint=b"\x80\x02 only begins like one")
        for number, pickled in enumerate((pickle.dumps({"a": 1}), lambda path: torch.save(network.state_dict(), path))):
            with pytest.raises(TrackingError, match="model_best is a pickle"):
                loop.log(val={"auc": 0.9 + number / 100}, checkpoint=pickled)
        with pytest.raises(TrackingError, match="wrote no file model_best"):
            loop.log(val={"auc": 0.99}, checkpoint=lambda path: None)


def test_what_is_watched_has_to_be_there(tracker):
    with pytest.raises(UsageError, match="say which metric to watch"):
        TrainLoop(tracker, "wings", {}, patience=3)
    loop = TrainLoop(tracker, "wings", {}, watch="val_los", mode="min")
    with pytest.raises(UnknownName, match="val_loss"), loop:
        loop.log(val={"loss": 1.0})


def test_samples_are_metrics_of_the_run(tracker):
    with TrainLoop(tracker, "wings", {}, sample_every=60) as loop:
        loop.epoch = 0
        loop.log(train={"loss": 1.0})
    run = tracker.get_run(loop.run_id)
    assert [each["step"] for each in run["metrics"]["system.memory_mb"]] == [0]
    assert run["metrics"]["system.memory_mb"][0]["value"] > 1
