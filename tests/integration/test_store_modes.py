"""Everything that needs the run store works on each: SQLite, a PostgreSQL, an MLflow server; and no password gets out."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import psutil
import pytest
from sqlalchemy import create_engine, inspect, text

from pitwall.adapters.mlflow.pages.server import mlflow_server
from pitwall.adapters.mlflow.registry import MlflowRegistry
from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.sweeper import MlflowSweeper
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.errors import TrackingError
from pitwall.domain.project import Project
from pitwall.domain.records.run_tags import PROCESS
from pitwall.domain.refs import folder_hash
from pitwall.domain.settings import VARIABLE, store_address
from pitwall.testing.fakes.postgres import create_database, programs

pytestmark = pytest.mark.slow

MODEL = "order-pre_race"
ROWS = pd.DataFrame({"race_id": [7, 7], "driver_id": [1, 2], "grid": [1.0, None]})
NAME = "from pitwall.adapters.processes.identity import this_process; print(this_process(), end='')"


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project that a real MLflow server runs on."""
    return Project(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def server(owner: Project, request: pytest.FixtureRequest) -> Iterator[str]:
    """The page of a real MLflow server, on a PostgreSQL where there is one, else on SQLite."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(VARIABLE, raising=False)
        if programs():
            patch.setenv(VARIABLE, create_database(request.getfixturevalue("postgres_server"), "served"))
        with mlflow_server(owner) as page:
            patch.delenv(VARIABLE, raising=False)
            yield page


@pytest.fixture(params=["sqlite", "postgresql", "server"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose runs are remembered in each of the three ways."""
    monkeypatch.delenv(VARIABLE, raising=False)
    if request.param == "postgresql":
        database = create_database(request.getfixturevalue("postgres_server"), f"runs_{uuid.uuid4().hex[:8]}")
        monkeypatch.setenv(VARIABLE, database)
    if request.param == "server":
        monkeypatch.setenv(VARIABLE, request.getfixturevalue("server"))
    made = Project(tmp_path)
    assert store_address(made).kind == request.param
    return made


def a_model(folder: Path) -> Path:
    folder.mkdir()
    (folder / "recipe.json").write_text("{}")
    return folder


def test_a_run_and_its_model_are_remembered(project: Project, tmp_path: Path) -> None:
    tracker, registry = MlflowTracker(project), MlflowRegistry(project)
    (tmp_path / "picture.txt").write_text("a picture")
    run = tracker.start("pitwall-order", "training", {"git.commit": "abc"})
    tracker.params(run, {"tuning": {"trials": 3}})
    tracker.metrics(run, {"log_loss": 1.5}, step=2)
    tracker.files(run, tmp_path / "picture.txt", "plots")
    tracker.note(run, "# What happened")
    version = registry.register(MODEL, run, a_model(tmp_path / "model"), ROWS, {"role": "model"})
    registry.set_alias(MODEL, "champion", version.version)
    registry.tag(MODEL, version.version, {"gate": "passed"})
    tracker.finish(run, "FINISHED")

    client = open_store(project)
    kept = client.get_run(run)
    assert (kept.info.status, kept.data.params["tuning.trials"], kept.data.metrics["log_loss"]) == (
        "FINISHED",
        "3",
        1.5,
    )
    assert Path(client.download_artifacts(run, "plots/picture.txt")).read_text() == "a picture"
    with MlflowRuns(project).held(run) as files:
        assert files["plots/picture.txt"].read_text() == "a picture"
        (made,) = (file for path, file in files.items() if re.fullmatch(r"models/m-[0-9a-f]+/.*recipe\.json", path))
        assert made.read_text() == "{}"
    with MlflowRuns(project).held(tracker.start("pitwall-order", "empty", {})) as files:
        assert files == {}
    champion = registry.alias(MODEL, "champion")
    assert champion is not None
    assert (champion.version, champion.tags["gate"]) == (version.version, "passed")
    assert folder_hash(registry.fetch(MODEL, champion.version)) == version.content
    assert registry.register(MODEL, run, tmp_path / "model", ROWS, {}).version == version.version


def test_a_run_that_is_thrown_away_is_gone_with_its_files_and_its_version(project: Project, tmp_path: Path) -> None:
    tracker, registry, client = MlflowTracker(project), MlflowRegistry(project), open_store(project)
    name = f"thrown-{uuid.uuid4().hex[:6]}"
    run, other = (tracker.start("pitwall-order", each, {}) for each in ("goes", "stays"))
    child = tracker.start("pitwall-order", "trial 0", {}, parent=run)
    (tmp_path / "picture.txt").write_text("a picture")
    for each in (run, child, other):
        tracker.files(each, tmp_path / "picture.txt")
        tracker.finish(each, "FINISHED")
    registry.register(name, run, a_model(tmp_path / "thrown"), ROWS, {"role": "baseline"})

    MlflowSweeper(project).sweep(run)
    assert registry.versions(name) == []
    assert {client.get_run(each).info.lifecycle_stage for each in (run, child)} == {"deleted"}
    assert [client.list_artifacts(each) for each in (run, child)] == [[], []]
    assert [each.path for each in client.list_artifacts(other)] == ["picture.txt"]


def test_an_orphan_is_found_and_closed_with_its_half_made_model(project: Project) -> None:
    tracker, client = MlflowTracker(project), open_store(project)
    gone = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True).stdout
    dead = tracker.start("pitwall-order", "dead", {PROCESS: gone})
    alive = tracker.start("pitwall-order", "alive", {})
    elsewhere = tracker.start("pitwall-order", "elsewhere", {PROCESS: f"x{gone}"})
    experiment = client.get_run(dead).info.experiment_id
    half = client.create_logged_model(experiment, name=MODEL, source_run_id=dead).model_id

    assert tracker.orphans() == [dead]
    assert tracker.reap() == [dead]
    assert tracker.orphans() == []
    assert [client.get_run(run).info.status for run in (dead, alive, elsewhere)] == ["KILLED", "RUNNING", "RUNNING"]
    assert str(client.get_logged_model(half).status) == "FAILED"
    for run in (alive, elsewhere):
        tracker.finish(run, "FINISHED")


def test_a_server_answers_to_its_own_names_only(server: str) -> None:
    question = f"{server}/api/2.0/mlflow/experiments/search?max_results=1"
    port = server.rpartition(":")[2]
    asked = {
        host: httpx.get(question, headers={"Host": host}).status_code
        for host in (
            f"127.0.0.1:{port}",
            f"localhost:{port}",
            "evil.example",
            "10.evil.example",
            "192.168.evil.example",
        )
    }
    assert list(asked.values()) == [200, 200, 403, 403, 403]
    foreign = {"Origin": "http://evil.example"}
    assert (
        httpx.post(f"{server}/api/2.0/mlflow/experiments/create", json={"name": "x"}, headers=foreign).status_code
        == 403
    )


def test_a_server_is_on_loopback_with_one_worker_and_no_jobs(server: str) -> None:
    port = int(server.rpartition(":")[2])
    family = psutil.Process().children(recursive=True)
    listening = [c.laddr for process in family for c in process.net_connections("inet") if c.status == "LISTEN"]
    assert {address.ip for address in listening if address.port == port} == {"127.0.0.1"}
    mlflow = [process for process in family if "mlflow" in " ".join(process.cmdline())]
    assert not [process for process in mlflow if "huey" in " ".join(process.cmdline())]
    assert mlflow[0].environ()["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert mlflow[0].environ()["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
    assert mlflow[0].cmdline()[mlflow[0].cmdline().index("--workers") + 1] == "1"


def test_files_that_lie_on_a_server_are_not_looked_for_without_it(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Project(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    client = open_store(owner)
    client.create_experiment("made-by-a-server", artifact_location="mlflow-artifacts:/7")
    with pytest.raises(TrackingError, match="lie on an MLflow server"):
        MlflowTracker(owner).start("made-by-a-server", "run", {})


SAYS_ALL = """
import logging, sys
from pathlib import Path
logging.basicConfig(level=logging.DEBUG)
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.errors import PitwallError
from pitwall.domain.project import Project

tracker = MlflowTracker(Project(Path(sys.argv[1])))
run = tracker.start("pitwall-order", "run", {})
tracker.params(run, {"seed": 7})
try:
    tracker.params(run, {"seed": 8})
except PitwallError as error:
    print(error)
tracker.finish(run, "FINISHED")
"""


def test_a_password_reaches_no_log_no_run_and_no_error(
    server: str, owner: Project, postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = create_database(postgres_server, "secret")
    password = database.split(":")[2].partition("@")[0]
    project = Project(tmp_path)
    project.settings.write_text(f"tracking_uri: {database}\n")
    monkeypatch.delenv(VARIABLE, raising=False)
    done = subprocess.run([sys.executable, "-c", SAYS_ALL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "seed" in done.stdout
    assert password not in done.stdout + done.stderr
    assert password not in dump(database)

    written = [path for root in (tmp_path, owner.root) for path in root.rglob("*") if path.is_file()]
    assert owner.state / "mlflow-server.log" in written
    assert [path for path in written if password.encode() in path.read_bytes()] == [project.settings]
    port = server.rpartition(":")[2]
    shown = [" ".join(p.cmdline()) for p in psutil.Process().children(recursive=True)]
    assert any(port in line for line in shown)
    assert not [line for line in shown if password in line]

    for wrong in (database.replace(password, f"{password}x"), database.replace("127.0.0.1", "127.0.0.2")):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(TrackingError, match="cannot be opened") as refused:
            open_store(Project(tmp_path / "wrong"))
        assert password not in f"{refused.value} {refused.value.__cause__}"


def dump(database: str) -> str:
    """Return the text of every row of every table."""
    engine = create_engine(database)
    try:
        with engine.connect() as connection:
            names = inspect(engine).get_table_names()
            rows = [str(row) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    finally:
        engine.dispose()
    assert "seed" in "\n".join(rows)
    return "\n".join(rows)


def test_a_silent_server_is_an_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "http://pit:s3cret@127.0.0.1:9")
    with pytest.raises(TrackingError, match=r"no MLflow server answers at http://127\.0\.0\.1:9") as refused:
        open_store(Project(tmp_path))
    assert "s3cret" not in str(refused.value)
