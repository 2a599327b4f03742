"""What the doctor says of the run store: nothing when all is well, and each planted fault by name."""

from __future__ import annotations

import http.server
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.adapters.mlflow import health
from pitwall.adapters.mlflow.health import troubles
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.adapters.processes.identity import this_process
from pitwall.domain.errors import TrackingError
from pitwall.domain.project import Project
from pitwall.domain.records.run_tags import PROCESS
from pitwall.domain.settings import VARIABLE

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(VARIABLE, raising=False)
    return Project(tmp_path)


class Careless(http.server.BaseHTTPRequestHandler):
    """A server that answers to whatever name it is called by."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def careless() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_each_planted_fault_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert troubles(project) == []
    machine, boot, namespace, _, _ = this_process().split(":")
    gone = ":".join([machine, boot, namespace, "999999999", "1"])
    run = MlflowTracker(project).start("pitwall-order", "orphan", {PROCESS: gone})
    project.settings.write_text("{}\n")
    project.settings.chmod(0o644)
    client = open_store(project)
    monkeypatch.setenv(health.PICKLE, "true")
    monkeypatch.setattr(health, "open_store", lambda _: client)  # the real one would set it right
    named = [each.found for each in troubles(project)]
    assert [words.split()[0] for words in named] == ["models", "settings.local.yaml", "1"]

    monkeypatch.undo()
    project.settings.chmod(0o600)
    assert MlflowTracker(project).reap() == [run]
    assert troubles(project) == []


def test_a_server_that_answers_to_any_name_is_named(
    project: Project, careless: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, careless)
    monkeypatch.setenv(health.PICKLE, "false")
    monkeypatch.setattr(health, "open_store", lambda _: None)
    monkeypatch.setattr(MlflowTracker, "orphans", lambda _: [])
    assert [each.found.split(",")[0] for each in troubles(project)] == ["the server answers to any host name"]


def test_a_store_that_is_none_is_an_error(project: Project) -> None:
    (project.mlruns).mkdir()
    (project.mlruns / "mlflow.db").write_text("no database")
    with pytest.raises(TrackingError, match="cannot be opened"):
        open_store(project)


def test_a_planted_pickle_is_not_opened(project: Project, tmp_path: Path) -> None:
    import mlflow
    from mlflow.exceptions import MlflowException
    from sklearn.linear_model import LinearRegression

    open_store(project)
    folder, trace = tmp_path / "planted", tmp_path / "it was opened"
    mlflow.sklearn.save_model(LinearRegression(), str(folder), serialization_format="pickle", pip_requirements=["pip"])
    (planted,) = folder.glob("*.pkl")
    planted.write_bytes(b"cposix\nmkdir\n(V" + str(trace).encode() + b"\ntR.")
    pickle.loads(planted.read_bytes())  # it does what it threatens
    trace.rmdir()
    for load in (mlflow.sklearn.load_model, mlflow.pyfunc.load_model):
        with pytest.raises(MlflowException, match="PICKLE"):
            load(str(folder))
    assert not trace.exists()
