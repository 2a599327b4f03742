"""The project's own Prefect server, on loopback. Starts processes; does not import Prefect.

A flow without a server loses the records of its tasks, so every flow runs against one: the server that
`PREFECT_API_URL` names, else the one that the project keeps open, else one that is started here and stopped at the end.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
from filelock import FileLock

from pitwall.adapters.processes.child import run, start, stop, tail
from pitwall.adapters.processes.signals import exit_on_sigterm
from pitwall.domain.errors import StageError
from pitwall.domain.project import Project
from pitwall.domain.settings import sqlite_address

log = logging.getLogger(__name__)

DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
LOOPBACK = "127.0.0.1"
PREFECT_PORT = 4200
START_S = 120.0
LOOK_S = 0.25
TRIES = 5


class PortTaken(StageError):
    """Another server took the port that was free a moment ago."""


@contextmanager
def prefect_server(project: Project, shared: bool = False) -> Iterator[str]:
    """Give the API address of a healthy Prefect server, started if there is none.

    Args:
        project: whose server.
        shared: a server started here is announced, so that other commands use it instead of starting their own. Only
            for what a person keeps open: a run's own server ends with the run, under the feet of whoever shares it.

    Raises:
        StageError: the server named by PREFECT_API_URL does not answer, or ours did not come up.
    """
    if url := named_server() or running_server(project):
        yield url
        return
    with ExitStack() as stack:
        stack.enter_context(exit_on_sigterm())
        with FileLock(_state(project) / "prefect-start.lock"):  # two servers may not migrate one fresh database
            port = _start_on_a_free_port(project, stack)
            url = f"http://{LOOPBACK}:{port}/api"
        log.info("Prefect server: http://%s:%d", LOOPBACK, port)
        if shared:
            announce(project, port)
            stack.callback(withdraw, project)
        yield url


def _start_on_a_free_port(project: Project, stack: ExitStack) -> int:
    """Start the server, on the next port if another project's was quicker to take the one that was free."""
    for _ in range(TRIES):
        port = free_port(PREFECT_PORT)
        process = start_prefect(project, port)
        stack.callback(stop, process)
        url = f"http://{LOOPBACK}:{port}/api/health"
        try:
            wait_until_healthy(url, process, project.state / "prefect-server.log", "Prefect server")
        except PortTaken:
            log.warning("port %d was taken by another server while ours started; trying the next one", port)
        else:
            return port
    raise StageError(f"{TRIES} ports were taken by others while the Prefect server started on them; try again.")


def run_below_server(
    project: Project,
    module: str,
    arguments: Sequence[str],
    *,
    shared: bool = False,
    settings: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> int:
    """Run `python -m MODULE ARGUMENTS` in the project root against a Prefect server and return its exit code.

    Args:
        project: whose root and server.
        module: of the flow.
        arguments: of the flow's command line.
        shared: see `prefect_server`.
        settings: environment variables beside those of every Prefect process.
        on_line: gets every line that the flow says; by default its streams are ours.
    """
    with prefect_server(project, shared) as url:
        env = {**prefect_env(project, url), **(settings or {})}
        return run([sys.executable, "-m", module, *arguments], project.root, env, on_line)


def start_prefect(project: Project, port: int) -> subprocess.Popen[bytes]:
    """Start the project's Prefect server on a loopback port."""
    return start(prefect_command(port), project.root, prefect_env(project), project.state / "prefect-server.log")


def prefect_command(port: int) -> tuple[str, ...]:
    """Return what starts a Prefect server on a loopback port."""
    return (sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port))


def prefect_env(project: Project, api_url: str | None = None) -> dict[str, str]:
    """Return the environment of a Prefect process: the project's own home, no analytics, our log lines seen there too."""
    env = {
        **os.environ,
        "PREFECT_HOME": str(project.root / ".prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "pitwall",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PITWALL_HOME": str(project.root),
    }
    env.pop("PREFECT_API_URL", None)
    if "?" in env["PREFECT_HOME"]:  # Prefect's own address would end there, and lead to a file beside the project
        env.setdefault(DATABASE, _database(Path(env["PREFECT_HOME"]) / "prefect.db"))
    return {**env, "PREFECT_API_URL": api_url} if api_url else env


def _database(path: Path) -> str:
    """Return the address of Prefect's database at a path with a '?'."""
    return sqlite_address(path).uri.replace("sqlite+pysqlite:", "sqlite+aiosqlite:", 1)


def named_server() -> str | None:
    """Return the API address of the server that PREFECT_API_URL names, None where it names none.

    Raises:
        StageError: that one does not answer.
    """
    url = os.environ.get("PREFECT_API_URL") or None
    if url and not healthy(f"{url}/health"):
        raise StageError(f"no Prefect server answers at PREFECT_API_URL={url}. Start it, or unset the variable.")
    return url


def announce(project: Project, port: int) -> None:
    """Let other commands of the project use the server on a port."""
    _port_note(project).write_text(str(port), encoding="utf-8")


def withdraw(project: Project) -> None:
    """Let no other command use the announced server any more."""
    _port_note(project).unlink(missing_ok=True)


def running_server(project: Project) -> str | None:
    """Return the API address of the server that the project keeps open, if its announced port answers."""
    try:
        port = int(_port_note(project).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    url = f"http://{LOOPBACK}:{port}/api"
    return url if healthy(f"{url}/health") else None


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log_file: Path, name: str) -> None:
    """Wait until a starting server answers, it and no other.

    Raises:
        PortTaken: it ended, and another server answers on its port.
        StageError: it ended, or did not answer in time; carries the end of its log.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if healthy(url) and _listens(process, urlsplit(url).port):
            return
        time.sleep(LOOK_S)
    if process.poll() is not None and healthy(url):
        raise PortTaken(f"another server answers at {url}, where the {name} should have come up.")
    raise StageError(f"the {name} did not come up ({url}); the end of {log_file}:\n{tail(log_file)}")


def free_port(first: int) -> int:
    """Return the first loopback port from `first` on that nobody listens on."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)):
                return port
    raise StageError(f"no free port between {first} and {first + 99}; stop a server that you no longer need.")


def _listens(process: subprocess.Popen[bytes], port: int | None) -> bool:
    """Return whether a process, or a child of it, listens on a port."""
    try:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        sockets = [each for member in family for each in member.net_connections("tcp")]
    except psutil.NoSuchProcess:  # it, or a child, has just ended: the next look will tell
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)


def _port_note(project: Project) -> Path:
    return _state(project) / "prefect.port"


def _state(project: Project) -> Path:
    project.state.mkdir(parents=True, exist_ok=True)
    return project.state


def healthy(url: str) -> bool:
    """Return whether a server answers 200."""
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
