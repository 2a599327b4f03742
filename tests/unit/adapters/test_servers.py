"""Choosing, naming and losing servers, without starting the real ones (tests/flows does that)."""

from __future__ import annotations

import http.server
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.adapters.processes.child import start, stop, tail
from pitwall.adapters.processes.prefect_server import (
    DATABASE,
    LOOPBACK,
    PortTaken,
    free_port,
    prefect_env,
    prefect_server,
    running_server,
    wait_until_healthy,
)
from pitwall.domain.errors import StageError
from pitwall.domain.project import Project

SERVER = """
import http.server, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""


class Healthy(http.server.BaseHTTPRequestHandler):
    """Answers every question with 200."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Healthy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def test_a_port_in_use_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert number < free_port(number) < number + 100


def test_the_servers_of_the_environment_and_of_the_project_are_used_again(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, url = Project(tmp_path), f"http://{LOOPBACK}:{port}/api"
    monkeypatch.setenv("PREFECT_API_URL", url)
    with prefect_server(project) as found:
        assert found == url
    monkeypatch.delenv("PREFECT_API_URL")
    assert running_server(project) is None
    project.state.mkdir(exist_ok=True)
    (project.state / "prefect.port").write_text(str(port))
    with prefect_server(project) as found:
        assert found == url
    assert running_server(project) == url


def test_a_named_server_that_is_silent_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://{LOOPBACK}:9/api")
    with pytest.raises(StageError, match="unset the variable"), prefect_server(Project(tmp_path)):
        pytest.fail("no server answers on the discard port")


def test_prefect_lives_in_the_project_and_calls_nobody(tmp_path: Path) -> None:
    env = prefect_env(Project(tmp_path), "http://localhost:1/api")
    assert env["PREFECT_HOME"] == str(tmp_path / ".prefect")
    assert env["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert env["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] == "false"
    assert env["PREFECT_API_URL"] == "http://localhost:1/api"


def test_a_server_that_dies_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    process = start([sys.executable, "-c", "raise SystemExit('port is taken')"], tmp_path, {}, log)
    process.wait()
    with pytest.raises(StageError, match="port is taken"):
        wait_until_healthy(f"http://{LOOPBACK}:9", process, log, "server")


def test_another_server_on_the_port_is_not_taken_for_ours(tmp_path: Path, port: int) -> None:
    ours = start([sys.executable, "-c", "import time; time.sleep(1)"], tmp_path, {}, tmp_path / "log")
    with pytest.raises(PortTaken, match=f"another server answers at .*{port}"):
        wait_until_healthy(f"http://{LOOPBACK}:{port}", ours, tmp_path / "log", "server")
    number = free_port(port + 1)
    ours = start([sys.executable, "-c", SERVER, str(number)], tmp_path, {}, tmp_path / "log")
    try:
        wait_until_healthy(f"http://{LOOPBACK}:{number}", ours, tmp_path / "log", "server")
    finally:
        stop(ours)


def test_stopping_ends_the_whole_group(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(600)"
    )
    log = tmp_path / "log"
    process = start([sys.executable, "-u", "-c", program], tmp_path, {}, log)
    while not tail(log):
        assert process.poll() is None
    child = int(tail(log))
    stop(process)
    assert process.returncode == -signal.SIGTERM
    while _lives(
        child
    ):  # it was told to end, and does so in its own time; the time limit of tests finds one that does not
        time.sleep(0.05)
    stop(process)


def _lives(process: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in {"", "Z"}


def test_prefects_database_lies_in_the_project_whatever_its_folder_is_called(tmp_path: Path) -> None:
    from sqlalchemy import make_url

    plain, odd = (prefect_env(Project(tmp_path / name)) for name in ("C# 50%20", "what? #1"))
    assert plain.get(DATABASE) == os.environ.get(DATABASE)
    url = make_url(odd[DATABASE])
    assert url.drivername == "sqlite+aiosqlite"
    (tmp_path / "what? #1" / ".prefect").mkdir(parents=True)
    with sqlite3.connect(f"{url.database}", uri=url.query["uri"] == "true") as opened:
        opened.execute("CREATE TABLE kept (id INTEGER)")
    assert [path.name for path in tmp_path.iterdir()] == ["what? #1"]
