"""Several servers as one, with small programs in the place of the real ones: started, found again, ended with all their children."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pitwall.adapters.processes.prefect_server import LOOPBACK, free_port, healthy
from pitwall.adapters.services import parts, running
from pitwall.adapters.services.running import MARK, end, read
from pitwall.adapters.services.start import Maker, Part, bring_up, port_for, take_down
from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.project import Project

SERVER = """
import http.server, os, subprocess, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"],
                 start_new_session=True)
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy)
server.serve_forever()
"""


def serving(program: str = SERVER) -> Maker:
    """Return how to make a part that runs a program with a port."""

    def make(_: object) -> Part:
        port = free_port(18300)
        page = f"http://{LOOPBACK}:{port}"
        return Part((sys.executable, "-c", program, str(port)), dict(os.environ), page, page)

    return make


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project of which nothing is left running."""
    monkeypatch.setattr(running, "STOP_S", 0.3)  # the children of these servers do not hear SIGTERM
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    made = Project(tmp_path)
    yield made
    take_down(made, str)


def _env(process: psutil.Process) -> dict[str, str]:
    try:
        return {} if process.status() == psutil.STATUS_ZOMBIE else process.environ()
    except psutil.Error:
        return {}


def marked(marks: set[str]) -> list[psutil.Process]:
    """Return the living processes that carry one of some marks."""
    return [each for each in psutil.process_iter() if _env(each).get(MARK) in marks]


def test_parts_start_in_order_and_end_with_their_children(project: Project) -> None:
    said: list[str] = []
    found = bring_up(project, {"one": serving(), "two": serving()}, said.append)
    assert [part.name for part in found] == ["one", "two"] == [part.name for part in read(project)]
    assert all(healthy(part.health) for part in found)
    marks = {part.mark for part in found}
    assert len(marked(marks)) == 4
    take_down(project, said.append)
    assert said[-2:] == ["two stopped", "one stopped"]
    assert not marked(marks)
    assert not (project.state / "up.json").exists()


def test_starting_twice_starts_what_is_missing(project: Project) -> None:
    said: list[str] = []
    makers = {"one": serving(), "two": serving()}
    first = {part.name: part for part in bring_up(project, makers, said.append)}
    os.kill(first["two"].pid, signal.SIGKILL)
    psutil.Process(first["two"].pid).wait()
    second = {part.name: part for part in bring_up(project, makers, said.append)}
    assert second["one"] == first["one"]
    assert second["two"].pid != first["two"].pid
    assert any("one runs already" in line for line in said)
    assert not marked({first["two"].mark}), "a child that its killed parent left behind goes on"


def test_a_part_that_does_not_come_up_takes_the_others_with_it(project: Project) -> None:
    said: list[str] = []
    broken = serving("raise SystemExit('no such table: races')")
    with pytest.raises(StageError, match="no such table: races"):
        bring_up(project, {"one": serving(), "two": broken}, said.append)
    assert read(project) == []
    assert not [each for each in psutil.process_iter() if _env(each).get("PITWALL_HOME") == str(project.root)]


def test_what_ran_before_a_failure_goes_on(project: Project) -> None:
    (kept,) = bring_up(project, {"one": serving()}, str)
    with pytest.raises(StageError):
        bring_up(project, {"one": serving(), "two": serving("raise SystemExit(1)")}, str)
    assert read(project) == [kept]
    assert healthy(kept.health)


def test_a_process_id_that_is_in_use_again_is_not_ended(project: Project) -> None:
    (part,) = bring_up(project, {"one": serving()}, str)
    end(part)
    others = json.loads((project.state / "up.json").read_text())
    others["parts"][0]["pid"] = os.getpid()
    others["parts"][0]["identity"] = f"{part.identity.rpartition(':')[0].rpartition(':')[0]}:{os.getpid()}:1"
    (project.state / "up.json").write_text(json.dumps(others))
    assert not read(project)[0].alive
    said: list[str] = []
    take_down(project, said.append)  # this very process would be ended
    assert said == ["one was gone already"]


def test_a_port_that_was_asked_for_and_is_taken_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {number} is taken"):
            port_for(number, 4200)
        assert port_for(None, number) > number


def test_the_api_is_a_part_with_a_program_of_its_own(project: Project) -> None:
    program = SERVER.replace("sys.argv[1]", "sys.argv[sys.argv.index('--port') + 1]")
    wish = parts.Wish(worker=False, api_command=(sys.executable, "-c", program))
    makers = parts._makers(project, wish, str)
    assert list(makers) == [parts.SERVER, parts.MLFLOW, parts.API]
    (api,) = bring_up(project, {parts.API: makers[parts.API]}, str)
    assert healthy(api.health)
    assert list(parts._makers(project, parts.Wish(worker=False, api=False), str)) == [parts.SERVER, parts.MLFLOW]


def test_servers_that_run_elsewhere_are_not_started(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (server,) = bring_up(project, {"server": serving()}, str)
    monkeypatch.setenv("PREFECT_API_URL", server.page)
    monkeypatch.setenv("PITWALL_TRACKING_URI", "http://127.0.0.1:5999")
    said: list[str] = []
    assert list(parts._makers(project, parts.Wish(api=False), said.append)) == [parts.WORKER]
    assert len(said) == 2
