"""The manifest of a training: every section by its own source, complete at the end, compared in its own order."""

import hashlib
import json
import os
from dataclasses import replace

import pytest

from pitwall.domain.errors import TrackingError
from pitwall.domain.project import Project
from pitwall.domain.refs import file_md5
from pitwall.testing import FakeTracker
from pitwall.testing.fakes.tracking import NAME, RECIPE, SPLITS, capture_training, git
from pitwall.tracking import meter
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.manifest import DETERMINISTIC, NOT_YET, SECTIONS, RunManifest, difference, load, of_run
from pitwall.tracking.record import ManifestRecord
from pitwall.tracking.sections.unknown import is_unknown


@pytest.fixture(scope="module")
def manifest(recorded) -> RunManifest:
    return of_run(recorded.tracker, recorded.run_id)


def test_code_and_data_are_named_by_hash(recorded, manifest):
    root = recorded.project.root
    commit = git(root, "rev-parse", "HEAD").strip()
    assert (manifest.code["commit"], manifest.code["branch"], manifest.code["patch"]) == (commit, "trunk", "")
    assert manifest.data["dvc_lock"] == file_md5(recorded.project.dvc_lock)
    assert manifest.data["outs"] == {"data/tables": "aa.dir", "data/features": "bb.dir", "data/frames": "cc.dir"}
    assert manifest.data["snapshots"]["synthetic"][0]["name"] == "20240101T000000-abcd1234"
    assert manifest.data["known_until"] == "2024-01-01T00:00:00+00:00"
    assert (manifest.data["feature_service"], manifest.data["vintage"]) == ("order", "2024-03-09T15:00:00+00:00")
    assert manifest.data["frame"]["md5"] == file_md5(recorded.project.frame(NAME))


def test_split_indices_are_a_file_with_its_hash(recorded, manifest):
    content = recorded.tracker.runs[recorded.run_id].contents["manifest/splits.json"]
    assert json.loads(content) == SPLITS
    assert manifest.data["splits"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest.data["splits"]["races"] == {"train": 2, "validation": 1, "held_out": 2, "refit": 5}


def test_configuration_is_kept_by_value_and_by_byte(recorded, manifest):
    kept = recorded.tracker.runs[recorded.run_id].contents
    for name in ("params.yaml", "dvc.lock", "requirements.lock"):
        assert kept[f"manifest/{name}"] == (recorded.project.root / name).read_bytes()
    assert (manifest.config["params"]["seed"], manifest.config["params"]["tuning"]["trials"]) == (7, 20)
    assert manifest.config["recipe"] == RECIPE
    assert len(manifest.config["hash"]) == 12


def test_the_environment_says_where_it_leaves_the_lock(manifest):
    environment = manifest.environment
    assert environment["versions"]["pandas"].startswith("2.3")
    assert set(environment["off_lock"]) == {"numpy", "absent-package"}
    assert environment["off_lock"]["absent-package"] == "installed absent, lock 1.0"
    assert environment["threads"]["OMP_NUM_THREADS"] == os.environ.get("OMP_NUM_THREADS")
    assert {each["internal_api"] for each in environment["blas"]} >= {"openblas"}
    assert environment["memory_gb"] > 0


def test_who_ordered_it_and_what_it_cost(recorded, manifest):
    orchestration = manifest.orchestration
    assert (orchestration["started_by"], orchestration["prefect"]["flow_run"]) == ("flow", "flow-1")
    assert orchestration["optuna"]["best_trial"] == 1
    assert (orchestration["mlflow"]["run"], orchestration["mlflow"]["version"]) == (recorded.run_id, "3")
    assert 0 <= manifest.resources["seconds"] < 600  # a faked training may take less than a millisecond
    assert manifest.resources["peak_memory_mb"] > 10
    assert manifest.inference["p99_ms"] == 1.5
    run = recorded.tracker.read(recorded.run_id)
    assert run.metrics["resources.seconds"] == manifest.resources["seconds"]
    assert run.tags["pitwall.model_name"] == "stack-synthetic-v3"
    assert run.tags["manifest.fingerprint"] == manifest.fingerprint()
    assert not list((recorded.project.state / "manifests").iterdir())


def test_every_artifact_is_there_with_hash_size_and_type(recorded, manifest):
    kept = recorded.tracker.runs[recorded.run_id].contents
    assert set(manifest.artifacts) == set(kept) - {"manifest/manifest.json"}
    for path, entry in manifest.artifacts.items():
        assert (entry["sha256"], entry["bytes"]) == (hashlib.sha256(kept[path]).hexdigest(), len(kept[path]))
    assert manifest.artifacts["manifest/splits.json"]["type"] == "application/json"
    assert "artifacts" not in DETERMINISTIC


def test_a_manifest_from_before_the_section_on_artifacts_is_read_and_compared(manifest):
    older = {name: value for name, value in manifest.to_dict().items() if name != "artifacts"}
    read = RunManifest.from_dict(older)
    assert is_unknown(read.artifacts)
    assert read.fingerprint() == manifest.fingerprint()
    assert [change.field for change in difference(read, manifest)] == ["artifacts"]


def test_nothing_names_the_machine_its_user_or_its_folders(recorded, manifest):
    text = json.dumps(manifest.to_dict())
    assert os.uname().nodename not in text
    assert str(recorded.project.root) not in text


def test_before_the_end_the_manifest_says_so(project):
    tracker = FakeTracker()
    captured = capture_training(project, tracker)
    run_id = tracker.start("pitwall-order", "x", captured.tags)
    ManifestRecord(project, tracker, tracker, captured).begin(run_id)
    manifest = of_run(tracker, run_id)
    assert manifest.resources == manifest.inference == NOT_YET
    assert ManifestRecord(project, tracker, tracker).tags(run_id) == captured.tags


def test_a_record_that_was_not_begun_is_refused(project):
    tracker = FakeTracker()
    run_id = tracker.start("e", "n", {})
    record = ManifestRecord(project, tracker, tracker)
    with pytest.raises(TrackingError, match="call `capture` first"):
        record.begin(run_id)
    with pytest.raises(TrackingError, match="was not begun"):
        record.complete(run_id, RECIPE)
    with pytest.raises(TrackingError, match=r"no manifest/manifest.json"):
        of_run(tracker, run_id)


def test_outside_git_and_dvc_everything_is_unknown_and_says_why(tmp_path):
    (tmp_path / "params.yaml").write_text("seed: 7\n")
    frame_less = FakeTracker()
    project = Project(tmp_path)
    from pitwall.tracking.capture import Work, capture

    manifest = capture(project, Work("a", "b", "pitwall-lab", {"x": 1}, 7), {}, taken=frame_less.names("x")).manifest
    for field in (
        "code.commit",
        "code.patch",
        "code.secrets",
        "data.dvc_lock",
        "data.outs",
        "data.frame",
        "data.splits",
    ):
        assert is_unknown(manifest.get(field)), field
    assert "not a git repository" in manifest.code["commit"]
    assert "dvc repro" in manifest.data["dvc_lock"]
    assert "requirements.lock" in manifest.environment["lock"]
    assert manifest.tags()["git.patch"].startswith("unknown")


def test_the_same_project_gives_the_same_fingerprint_and_any_change_another(project):
    tracker = FakeTracker()
    first = capture_training(project, tracker).manifest
    assert capture_training(project, tracker).manifest.fingerprint() == first.fingerprint()
    (project.root / "src" / "pitwall" / "a.py").write_text("A = 2\n")
    second = capture_training(project, tracker).manifest
    assert second.fingerprint() != first.fingerprint()
    assert {change.field for change in difference(first, second)} == {"code.patch", "code.patch_bytes", "code.dirty"}


def test_differences_come_in_the_order_of_the_sections(manifest):
    other = manifest.with_(
        environment={"python": "3.12.0"}, seeds={"numpy": 8}, config={"hash": "0" * 12}, data={"stale": "frames"}
    ).with_(code={"commit": "f" * 40})
    found = difference(manifest, replace(other, manual_steps=["one"]))
    fields = ["code.commit", "data.stale", "config.hash", "seeds.numpy", "environment.python", "manual_steps"]
    assert [change.field for change in found] == fields
    assert [change.field for change in difference(manifest, other, DETERMINISTIC)] == fields[:-1]
    gone = {key: value for key, value in manifest.seeds.items() if key != "torch"}
    (change,) = difference(manifest, replace(manifest, seeds=gone))
    assert (change.field, change.new) == ("seeds.torch", MISSING)


def test_a_manifest_reads_back_and_another_schema_is_refused(manifest, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(manifest.to_json())
    assert load(path) == manifest
    assert list(json.loads(path.read_text())) == ["schema", *SECTIONS]
    for content, said in (
        ({**manifest.to_dict(), "schema": 2}, "schema 2"),
        ({"schema": 1, "code": {}}, "lacks subject, data"),
        ([], "mapping"),
    ):
        path.write_text(json.dumps(content))
        with pytest.raises(TrackingError, match=said):
            load(path)
    path.write_text("{")
    with pytest.raises(TrackingError, match="no JSON"):
        load(path)


def test_manual_steps_come_from_the_file_and_the_caller(project):
    (project.root / "manual_steps.txt").write_text("# by hand\ntook out race 7\n\n")
    assert capture_training(project, FakeTracker()).manifest.manual_steps == ["took out race 7"]


def test_secrets_are_reported_and_taken_out_everywhere(project):
    secret = "correct" + "horse9"
    (project.root / "src" / "pitwall" / "a.py").write_text(f'PASSWORD = "{secret}"\n')
    (project.root / "params.yaml").write_text(
        f"seed: 7\nsources: {{ergast: {{location: 'https://me:{secret}@host/x'}}}}\n"
    )
    (project.root / "src" / "id_rsa").write_text(secret)
    found = capture_training(project, FakeTracker())
    assert secret not in json.dumps(found.manifest.to_dict())
    assert not [name for name, content in found.files.items() if secret.encode() in content]
    kinds = {(each["file"], each["kind"]) for each in found.manifest.code["secrets"]}
    in_code = {("src/pitwall/a.py", "quoted literal"), ("src/id_rsa", "secret file")}
    assert kinds == {*in_code, ("params.yaml", "password in an address")}
    assert found.tags["git.secrets"] == "3"


def test_the_meter_measures_this_process_and_knows_no_other():
    started = meter.start()
    ballast = bytearray(60_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    used = meter.stop(started)
    assert used["peak_memory_mb"] > 60
    assert used["seconds"] >= 0
    assert is_unknown(meter.stop({**started, "pid": -1})["cpu_seconds"])
