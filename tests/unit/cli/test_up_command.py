"""`pitwall up --foreground`, `status` and `down` with a small program in the place of the servers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from pitwall.cli import up as command
from pitwall.cli._app import app
from pitwall.domain.project import Project

PROGRAM = """
import sys
from pitwall.adapters.processes.prefect_server import free_port
from pitwall.adapters.services import parts
from pitwall.adapters.services.start import Part
from pitwall.cli import main

SERVER = "import http.server, sys; http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()"

def one(_):
    port = free_port(18600)
    page = f"http://127.0.0.1:{port}"
    return Part((sys.executable, "-c", SERVER, str(port)), {}, page, page)

parts._makers = lambda project, wish, say: {"one": one}
main()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("schedule: {timezone: Europe/Rome}\n" if name == "params.yaml" else "stages: {}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return Project(tmp_path)


@pytest.fixture
def foreground(project: Project) -> Iterator[subprocess.Popen[str]]:
    """`pitwall up --foreground`, once it has said that its one part answers."""
    words = [sys.executable, "-u", "-c", PROGRAM, "up", "--foreground"]
    with subprocess.Popen(words, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as up:
        try:
            assert up.stdout is not None
            assert up.stdout.readline().startswith("one: http://127.0.0.1:")
            yield up
        finally:
            up.kill()


def started(project: Project) -> psutil.Process:
    (part,) = json.loads((project.state / "up.json").read_text())["parts"]
    return psutil.Process(part["pid"])


def test_a_foreground_takes_its_parts_with_it_when_it_is_stopped(
    project: Project, foreground: subprocess.Popen[str]
) -> None:
    part = started(project)
    found = CliRunner().invoke(app, ["status", "--json", "-"])
    assert found.exit_code == 0
    assert json.loads(found.stdout)["parts"][0]["state"] == "healthy"
    foreground.send_signal(signal.SIGTERM)
    assert foreground.wait(30) == 128 + signal.SIGTERM
    assert not part.is_running() or part.status() == psutil.STATUS_ZOMBIE
    assert CliRunner().invoke(app, ["down"]).stdout == "nothing was started here\n"


def test_a_foreground_ends_with_the_first_part_that_does(project: Project, foreground: subprocess.Popen[str]) -> None:
    os.kill(started(project).pid, signal.SIGKILL)
    assert foreground.wait(30) == 1
    assert foreground.stdout is not None
    assert "one has ended; the end of .pitwall/up-one.log" in foreground.stdout.read()


def test_without_anything_the_status_is_1(project: Project) -> None:
    found = CliRunner().invoke(app, ["status"])
    assert found.exit_code == 1
    assert "no Prefect server answers" in found.stdout


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    shown = [command._local(datetime(2024, 10, 27, hour, 30, tzinfo=UTC), "Europe/Rome") for hour in (0, 1)]
    assert shown == ["Sun 2024-10-27 02:30 +0200", "Sun 2024-10-27 02:30 +0100"]
    assert command._local(datetime(2023, 11, 19, 6, tzinfo=UTC), "America/Los_Angeles") == "Sat 2023-11-18 22:00 -0800"
