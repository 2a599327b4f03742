"""A server in processes of its own, for as long as it is needed: started on a free port, awaited, watched and stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pitwall.domain.errors import ServingError
from pitwall.testing.load.client import HOST

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 120


class Running:
    """Processes that answer on a port.

    Args:
        process: that was started; the others are its children.
        port: it answers on.
        log: what it writes.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log

    def pids(self) -> list[int]:
        """Return the process and its descendants."""
        found = [self.process.pid]
        for pid in found:
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
            except OSError:
                continue  # it is gone
            found += [int(each) for each in children.split()]
        return found

    def workers(self) -> list[int]:
        """Return the processes that answer: uvicorn's children, of which one only tracks resources."""
        return [pid for pid in self.pids()[1:] if b"spawn_main" in _command(pid)]

    def await_workers(self, number: int) -> None:
        """Wait until so many answer again, all of them ready.

        Raises:
            ServingError: they do not.
        """
        until, well = time.monotonic() + PATIENCE_S, 0
        while time.monotonic() < until:
            well = well + 1 if len(self.workers()) == number and self.get("/ready")[0] == 200 else 0
            if well > 4 * number:  # whoever is asked
                return
            time.sleep(0.1)
        raise ServingError(f"{number} workers are not ready:\n{self.log.read_text(encoding='utf-8')[-2000:]}")

    def cpu_s(self) -> float:
        """Return the processor's seconds that all of them have taken."""
        return sum(_ticks(pid) for pid in self.pids()) / TICKS

    def get(self, path: str, token: str = "") -> tuple[int, bytes]:
        """Return the status and body of a page."""
        request = urllib.request.Request(f"http://{HOST}:{self.port}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
                return int(answer.status), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextmanager
def running(command: Sequence[str], port: int, env: Mapping[str, str], log: Path, ready: str) -> Iterator[Running]:
    """Start a server, and stop it at the end.

    Args:
        command: that starts it.
        port: it will answer on.
        env: variables beside those of this process.
        log: file for what it writes.
        ready: page that answers once it is ready.

    Raises:
        ServingError: it does not come up; says what it wrote.
    """
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=stream, stderr=subprocess.STDOUT)
    found = Running(process, port, log)
    try:
        _await(found, ready)
        yield found
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@contextmanager
def pitwall_server(root: Path, workers: int = 1, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Serve a project as `pitwall serve` does.

    Args:
        root: of the project.
        workers: processes.
        env: variables beside those of this process.
    """
    port = free_port()
    command = [sys.executable, "-m", "pitwall.serving", "--port", str(port), "--workers", str(workers)]
    with running(command, port, {"PITWALL_HOME": str(root), **(env or {})}, root / "server.log", "/ready") as found:
        yield found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _await(server: Running, ready: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if server.get(ready)[0] == 200:
                return
        except OSError:
            pass  # not yet
        time.sleep(0.1)
    raise ServingError(f"no server on port {server.port}:\n{server.log.read_text(encoding='utf-8')[-2000:]}")


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0  # it is gone
    return int(fields[11]) + int(fields[12])
