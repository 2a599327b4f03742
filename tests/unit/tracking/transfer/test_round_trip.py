"""Whole runs go from a folder into a file and into another folder, and are the same runs there; once, whatever happens in between."""

import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.domain.errors import TrackingError
from pitwall.domain.records.run_tags import OWN_ID
from pitwall.domain.refs import FrameRef
from pitwall.tracking import JsonTracker
from pitwall.tracking.json_runs import JsonRuns
from pitwall.tracking.transfer import parquet
from pitwall.tracking.transfer.copying import copy_runs
from pitwall.tracking.transfer.whole_run import whole_runs

NAMES = st.from_regex(r"[a-z][a-z0-9_./ -]{0,20}[a-z0-9]", fullmatch=True)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=5,
)
STEPS = st.none() | st.integers(0, 5)


def _store(folder):
    return JsonTracker(folder).store


def _hashes(store):
    return {run.key: run.hash() for run in whole_runs(store.reader)}


@given(
    params=st.dictionaries(NAMES, VALUES, max_size=5),
    metrics=st.lists(st.tuples(NAMES, STEPS, NUMBERS, st.integers(0, 3)), max_size=8),
    tags=st.dictionaries(NAMES, st.text(max_size=20), max_size=3),
    description=st.text(max_size=40),
    end=st.sampled_from([None, "FINISHED", "FAILED", "KILLED"]),
)
@settings(max_examples=60, deadline=None)
def test_what_was_logged_is_what_arrives(tmp_path_factory, *, params, metrics, tags, description, end):
    folder = tmp_path_factory.mktemp("runs")
    first = JsonRuns(folder / "first")
    run_id = first.start("wings", "low drag", tags, at=1_000)
    first.params(run_id, params)
    for name, step, value, at in metrics:
        first.metrics(run_id, {name: value}, step, at=1_000 + at)
    first.note(run_id, description)
    if end:
        first.finish(run_id, end, at=2_000)
    before = _hashes(_store(folder / "first"))
    parquet.write(whole_runs(_store(folder / "first").reader), folder / "runs.parquet")
    with parquet.reading(folder / "runs.parquet") as runs:
        copied = copy_runs(runs, _store(folder / "second"))
    assert (copied.made, copied.refused, copied.differing) == ([run_id], {}, {})
    assert _hashes(_store(folder / "second")) == before


@pytest.fixture
def season(tmp_path):
    """Runs with artifacts, a nested one, an input, a value that is no number, and one that is still open."""
    (tmp_path / "model.json").write_text("{}")
    tracker = JsonTracker(tmp_path / "season")
    parent = tracker.create_run("wings", tags={"car": "A"}, description="less drag")
    tracker.log_params(parent, {"rate": 0.1, "text": "1", "layers": [8, 4], "long": "x" * 9000})
    tracker.log_metrics(parent, {"loss": 0.5}, step=0)
    tracker.log_metrics(parent, {"loss": float("nan")}, step=1)
    tracker.log_metrics(parent, {"test_loss": 0.4})
    tracker.log_artifact(parent, tmp_path / "model.json", "models/best.json")
    runs = tracker.store.tracker
    runs.dataset(parent, FrameRef("order-pre_race", "frame.parquet", "abc", 1, ()), "training")
    runs.finish(runs.start("wings", "trial", {}, parent=parent), "FAILED")
    tracker.finish_run(parent)
    tracker.create_run("wings")
    return tracker.store


def test_a_copy_is_made_once_and_says_whose_it_is(season, tmp_path):
    other = _store(tmp_path / "other")
    other.tracker.start("brakes", "already there", {})
    assert copy_runs(whole_runs(season.reader), other).made == ["run_001", "run_002", "run_003"]
    again = copy_runs(whole_runs(season.reader), other)
    assert (again.made, again.known, len(other.reader.folder.entries())) == ([], ["run_001", "run_002", "run_003"], 4)
    copy = other.reader.read("run_002")
    assert copy.tags[OWN_ID] == "run_001"
    assert [each.parent for each in other.reader.nested("run_002")] == ["run_002"]
    assert (tmp_path / "other/runs/run_002/artifacts/models/best.json").read_text() == "{}"
    back = copy_runs(whole_runs(other.reader, other.records("wings")), season)
    assert (back.made, len(back.known)) == ([], 3)


def test_a_copy_that_was_cut_short_is_completed(season, tmp_path):
    other = _store(tmp_path / "other")
    run = next(whole_runs(season.reader))
    half = other.tracker.start(run.experiment, run.name, {**run.tags, OWN_ID: run.own_id}, at=run.started)
    other.tracker.params(half, {"rate": 0.1})
    other.tracker.metrics(half, {"loss": 0.5}, 0, run.metrics["loss"][0].at)
    assert copy_runs(whole_runs(season.reader), other).made == ["run_001", "run_002", "run_003"]
    assert len(other.reader.metrics_of(half)["loss"]) == 1
    assert _hashes(other) == _hashes(season)


def test_a_run_that_was_changed_since_is_told_and_left_alone(season, tmp_path):
    other = _store(tmp_path / "other")
    copy_runs(whole_runs(season.reader), other)
    other.tracker.tag("run_001", {"car": "B"})
    season.tracker.metrics("run_003", {"loss": 0.1}, 0)  # the one that is open
    copied = copy_runs(whole_runs(season.reader), other)
    assert copied.differing == {"run_001": ["tags.car"]}
    assert (copied.made, other.reader.read("run_001").tags["car"]) == (["run_003"], "B")


def test_a_file_that_was_changed_is_refused(season, tmp_path):
    path = tmp_path / "runs.parquet"
    assert parquet.write(whole_runs(season.reader), path) == 3
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["files"][0]["content"] = b"other"
    pq.write_table(type(table).from_pylist(rows, table.schema), path)
    with parquet.reading(path) as runs, pytest.raises(TrackingError, match="not what its hash says"):
        list(runs)
    rows[0]["files"][0]["path"] = "../../out"
    pq.write_table(type(table).from_pylist(rows, table.schema), path)
    with parquet.reading(path) as runs, pytest.raises(TrackingError, match="leads out of the run"):
        list(runs)
    pq.write_table(table.drop_columns(["metrics"]), path)
    with pytest.raises(TrackingError, match="no column metrics"), parquet.reading(path):
        pass
    path.write_text("no Parquet")
    with pytest.raises(TrackingError, match="cannot be read as Parquet"), parquet.reading(path):
        pass


def test_a_number_that_was_changed_changes_the_hash(season):
    before = _hashes(season)
    path = season.reader.folder.run("run_001") / "metrics.json"
    content = json.loads(path.read_text())
    content["loss"][0]["value"] = 0.50000001
    path.write_text(json.dumps(content))
    changed = {key for key, found in _hashes(season).items() if before[key] != found}
    assert [own for _, own, _ in changed] == ["run_001"]
