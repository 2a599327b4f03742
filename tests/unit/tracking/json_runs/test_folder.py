"""A folder of runs: the files that a lab expects, whole at every instant, with as many writers as there are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import pitwall
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.ports import Measured
from pitwall.domain.refs import FrameRef
from pitwall.testing.fakes.kill import left_behind
from pitwall.tracking.json_runs import JsonRuns

NOON = 1_700_000_000_000


@pytest.fixture
def runs(tmp_path):
    return JsonRuns(tmp_path / "experiments")


def _content(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_files_are_those_of_the_lab(runs, tmp_path):
    run_id = runs.start("wings", "", {"version": "v1"}, at=NOON)
    runs.params(run_id, {"rate": 0.001, "layers": [256, 128], "tuning": {"trials": 3}})
    runs.metrics(run_id, {"loss": 0.6}, step=0, at=NOON)
    runs.metrics(run_id, {"loss": 0.5}, step=1, at=NOON + 1500)
    runs.metrics(run_id, {"test_auc": 0.8}, at=NOON + 2000)
    (tmp_path / "best.txt").write_text("wing 7")
    runs.files(run_id, tmp_path / "best.txt", "plots")
    runs.note(run_id, "less drag")
    runs.finish(run_id, "FINISHED", at=NOON + 3000)
    base = tmp_path / "experiments"
    assert _content(base / "metadata.json") == [
        {
            "run_id": "run_001",
            "experiment_name": "wings",
            "created_at": "2023-11-14T22:13:20.000+00:00",
            "finished_at": "2023-11-14T22:13:23.000+00:00",
            "status": "completed",
            "tags": {"version": "v1"},
            "description": "less drag",
            "run_dir": f"{base.as_posix()}/runs/run_001",
        }
    ]
    home = base / "runs" / "run_001"
    assert _content(home / "params.json") == {"rate": 0.001, "layers": [256, 128], "tuning.trials": 3}
    assert _content(home / "metrics.json") == {
        "loss": [
            {"step": 0, "value": 0.6, "timestamp": "2023-11-14T22:13:20.000+00:00"},
            {"step": 1, "value": 0.5, "timestamp": "2023-11-14T22:13:21.500+00:00"},
        ],
        "test_auc": [{"step": None, "value": 0.8, "timestamp": "2023-11-14T22:13:22.000+00:00"}],
    }
    assert (home / "artifacts" / "plots" / "best.txt").read_text() == "wing 7"
    assert runs.start("wings", "", {}) == "run_002"


def test_a_run_reads_back(runs):
    run_id = runs.start("wings", "low drag", {"car": "A"}, at=NOON)
    nested = runs.start("wings", "trial", {}, parent=run_id)
    runs.params(run_id, {"rate": 0.1, "text": "1"})
    for step, value in ((3, 0.1), (1, 0.3)):
        runs.metrics(run_id, {"loss": value}, step, at=NOON)
    runs.dataset(run_id, FrameRef("order-pre_race", "frame.parquet", "abc", 1, ("race_id",)), "training")
    record = runs.read(run_id)
    assert (record.name, record.status, record.experiment, record.params["rate"]) == (
        "low drag",
        "RUNNING",
        "wings",
        "0.1",
    )
    assert (record.metrics, record.datasets) == (
        {"loss": 0.1},
        (("order-pre_race", "abc"),),
    )  # the last step, as MLflow
    assert runs.history(run_id, "loss") == [(1, 0.3), (3, 0.1)]
    assert runs.measured(run_id, "loss")[0] == Measured(1, 0.3, NOON)
    assert runs.read(nested).parent == run_id
    assert [each.run_id for each in runs.all("wings")] == [run_id]
    assert (runs.names("wings"), runs.find("run_0")) == ({"low drag"}, [run_id, nested])
    with pytest.raises(UnknownName, match="run_001"):
        runs.read("run_01")


def test_archived_runs_are_in_no_list_and_come_back(runs):
    first, second = runs.start("wings", "a", {"x": "1"}), runs.start("wings", "b", {})
    nested = runs.start("wings", "trial", {}, parent=first)
    runs.archive(first)
    assert ([each.run_id for each in runs.all()], runs.find(first)) == ([second], [])
    assert [each.run_id for each in runs.archived()] == [first]
    runs.restore(first)
    assert [each.run_id for each in runs.all()] == [second, first]
    assert runs.find(nested) == [nested]
    with pytest.raises(UnknownName, match="archived run"):
        runs.restore(first)
    runs.rename(first, "c")
    runs.untag(first, ["x"])
    assert (runs.read(first).name, dict(runs.read(first).tags)) == ("c", {})
    with pytest.raises(UnknownName, match="tag of run"):
        runs.untag(first, ["x"])


def test_what_cannot_be_is_refused_and_nothing_of_it_is_kept(runs, tmp_path):
    run_id = runs.start("wings", "", {})
    runs.params(run_id, {"rate": 0.1})
    runs.params(run_id, {"rate": 0.1})  # the same again is no change
    with pytest.raises(TrackingError, match=r"rate is 0\.1 already"):
        runs.params(run_id, {"other": 1, "rate": 0.2})
    assert runs.params_of(run_id) == {"rate": 0.1}
    with pytest.raises(TrackingError, match="loss"):
        runs.metrics(run_id, {"auc": 0.5, "loss": float("nan")})
    assert runs.metrics_of(run_id) == {}
    with pytest.raises(UnknownName):
        runs.metrics("run_009", {"loss": 1.0})
    with pytest.raises(TrackingError, match="does not exist"):
        runs.files(run_id, tmp_path / "none.txt")
    (tmp_path / "large.bin").write_bytes(bytes(3000))
    with pytest.raises(TrackingError, match=r"has 0\.003 MB"):
        JsonRuns(runs.folder.base, artifact_limit_mb=0.001).files(run_id, tmp_path / "large.bin")
    (tmp_path / "small.txt").write_text("x")
    with pytest.raises(TrackingError, match="leads out of"):
        runs.files(run_id, tmp_path / "small.txt", "../..")
    assert runs.artifacts(run_id) == []
    (runs.folder.base / "metadata.json").write_text("[{")
    with pytest.raises(TrackingError, match="is no JSON"):
        runs.all()


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pitwall.tracking import JsonTracker
tracker = JsonTracker(sys.argv[2])
for number in range(10):
    run_id = tracker.create_run("wings", tags={"number": number})
    tracker.log_params(run_id, {"number": number, "layers": [8, 4]})
    for epoch in range(3):
        tracker.log_metrics(run_id, {"loss": 1.0 / (epoch + 1)}, step=epoch)
    tracker.log_metrics(run_id, {"test_loss": 0.5})
    tracker.log_artifact(run_id, sys.argv[3])
    tracker.log_artifact(run_id, sys.argv[3], "copy.txt")
    tracker.finish_run(run_id)
best = tracker.get_best_run("test_loss", "wings", mode="min")
assert best["params"]["layers"] == [8, 4] and not tracker.should_stop(run_id, "loss", patience=2), best
assert tracker.compare_runs([run_id])[0]["test_loss"] == 0.5
tracker.start_run("by hand")
tracker.log_artifact("facts", {"wing": 7})
tracker.end_run("killed")
strangers = {name.partition(".")[0] for name in sys.modules} - {*sys.stdlib_module_names, "pitwall", "__main__"}
assert not strangers, strangers
"""


def _bare(tmp_path, script=WRITER):
    """Return a process of an interpreter that has the standard library and our source, and no site-packages."""
    (tmp_path / "file.txt").write_text("text")
    source = Path(pitwall.__file__).parent.parent
    arguments = [sys.executable, "-I", "-S", "-c", script, source, tmp_path / "experiments", tmp_path / "file.txt"]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)


def test_bare_interpreters_that_write_at_once_lose_nothing(tmp_path):
    processes = [_bare(tmp_path) for _ in range(16)]
    said = [process.communicate()[1] for process in processes]
    assert not any(said), said
    runs = JsonRuns(tmp_path / "experiments")
    found = [each for each in runs.all() if each.experiment == "wings"]
    assert len({each.run_id for each in found}) == 160
    assert sorted(each.params["number"] for each in found) == sorted(str(n) for n in range(10) for _ in range(16))
    assert {each.status for each in found} == {"FINISHED"}
    assert all(len(runs.history(each.run_id, "loss")) == 3 for each in found)
    assert all(runs.artifacts(each.run_id) == ["artifacts.json", "copy.txt", "file.txt"] for each in found)


def test_whatever_instant_kills_it_the_folder_is_whole(tmp_path):
    def work():
        runs = JsonRuns(tmp_path / "experiments")
        run_id = runs.start("wings", "", {"car": "A"})
        runs.params(run_id, {"rate": 0.1})
        runs.metrics(run_id, {"loss": 0.5})
        runs.files(run_id, tmp_path / "file.txt")
        runs.finish(run_id, "FINISHED")

    (tmp_path / "file.txt").write_text("text")
    (tmp_path / "experiments").mkdir()
    (tmp_path / "left").mkdir()
    JsonRuns(tmp_path / "experiments").start("wings", "before", {})
    copies = left_behind(work, tmp_path / "experiments", tmp_path / "left")
    assert len(copies) > 5
    for step, copy in copies.items():
        runs = JsonRuns(copy)
        assert runs.names("wings") >= {"before"}, step
        new = runs.start("wings", "after", {})
        runs.metrics(new, {"loss": 0.1})
        assert {"before", "after"} <= runs.names("wings"), step
        assert runs.read(new).metrics == {"loss": 0.1}, step
