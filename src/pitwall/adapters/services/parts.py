"""What `pitwall up` starts: Prefect's server, MLflow, the API with the pages, and a worker, each on loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from pitwall.adapters.mlflow.pages.server import PORT as MLFLOW_PORT
from pitwall.adapters.mlflow.pages.server import mlflow_command, mlflow_env
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.prefect.api import POOL
from pitwall.adapters.processes.child import run
from pitwall.adapters.processes.prefect_server import (
    LOOPBACK,
    PREFECT_PORT,
    announce,
    named_server,
    prefect_command,
    prefect_env,
    running_server,
    withdraw,
)
from pitwall.adapters.services.running import Running
from pitwall.adapters.services.start import Maker, Part, Say, bring_up, port_for, take_down
from pitwall.domain.errors import StageError
from pitwall.domain.project import Project
from pitwall.domain.settings import store_address

SERVER, MLFLOW, WORKER, API = "prefect", "mlflow", "worker", "api"
API_COMMAND = (sys.executable, "-m", "pitwall.web")
API_PORT, WORKER_PORT = 8000, 4260
QUERY, QUERY_S = "PREFECT_WORKER_QUERY_SECONDS", "1"


@dataclass(frozen=True)
class Wish:
    """What is wanted: which parts beside Prefect's server and MLflow, on which ports (a free one when None), and the API's program."""

    worker: bool = True
    api: bool = True
    prefect_port: int | None = None
    mlflow_port: int | None = None
    api_port: int | None = None
    api_command: Sequence[str] = API_COMMAND


def start_all(project: Project, wish: Wish, say: Say) -> list[Running]:
    """Start what is wanted and does not run yet; return what runs now.

    Raises:
        StageError: a part did not come up, or PREFECT_API_URL names a server that does not answer.
    """
    try:
        return bring_up(project, _makers(project, wish, say), say)
    finally:
        _withdraw(project)


def stop_all(project: Project, say: Say) -> None:
    """Stop what was started, and say so of each part."""
    take_down(project, say)
    _withdraw(project)


def _withdraw(project: Project) -> None:
    """Let nobody use the address of a server that is gone: it may soon be that of a stranger."""
    if running_server(project) is None:
        withdraw(project)


def _makers(project: Project, wish: Wish, say: Say) -> dict[str, Maker]:
    """Return how to make each part that is wanted and not elsewhere, in the order of their start."""
    named, found = named_server(), dict[str, Maker]()
    if named:
        say(f"{SERVER}: {named.removesuffix('/api')}, as PREFECT_API_URL says")
    else:
        found[SERVER] = partial(_server, project, wish)
    if store_address(project).kind == "server":
        say(f"{MLFLOW}: {store_address(project).uri}, as the settings say")
    else:
        found[MLFLOW] = partial(_mlflow, project, wish)
    if wish.worker:
        found[WORKER] = partial(_worker, project, named, say)
    if wish.api and wish.api_command == API_COMMAND and find_spec("pitwall.web") is None:
        say(f"{API}: not in this version")
    elif wish.api:
        found[API] = partial(_api, project, wish)
    return found


def _server(project: Project, wish: Wish, _: Mapping[str, Running]) -> Part:
    if url := running_server(project):
        raise StageError(
            f"another command keeps a Prefect server of this project open ({url}); close `pitwall ui` first."
        )
    port = port_for(wish.prefect_port, PREFECT_PORT)
    announce(project, port)
    page = f"http://{LOOPBACK}:{port}"
    return Part(prefect_command(port), prefect_env(project), page, f"{page}/api/health")


def _mlflow(project: Project, wish: Wish, _: Mapping[str, Running]) -> Part:
    open_store(project)  # made and migrated under our lock, before a server does it without
    port = port_for(wish.mlflow_port, MLFLOW_PORT)
    page = f"http://{LOOPBACK}:{port}"
    return Part(mlflow_command(project, port), mlflow_env(project), page, f"{page}/health")


def _worker(project: Project, named: str | None, say: Say, running: Mapping[str, Running]) -> Part:
    """Return the worker, after the flows were deployed and missed runs made up for: that must be before it begins."""
    if not (project.root / "flows" / "forecast_weekend.py").is_file():
        raise StageError(
            "flows/forecast_weekend.py is missing: the flows of this project are of an earlier version. Take those of a new "
            "project (`pitwall init FOLDER`), or leave the schedule out: `pitwall up --no-worker`."
        )
    url = named or f"{running[SERVER].page}/api"
    env = prefect_env(project, url)
    if run([sys.executable, "-m", "flows.deployments"], project.root, env, lambda line: say(f"  {line}")):
        raise StageError("the flows could not be deployed; the reason is above.")
    port = port_for(None, WORKER_PORT)
    webserver = {"PREFECT_WORKER_WEBSERVER_HOST": LOOPBACK, "PREFECT_WORKER_WEBSERVER_PORT": str(port)}  # else on all
    eager = {QUERY: env.get(QUERY, QUERY_S)}  # people wait for what they order; the server is on this machine
    command = (
        sys.executable,
        "-m",
        "prefect",
        "worker",
        "start",
        "--pool",
        POOL,
        "--type",
        "process",
        "--with-healthcheck",
    )
    page = f"{url.removesuffix('/api')}/work-pools/work-pool/{POOL}"
    return Part(command, {**env, **webserver, **eager}, page, f"http://{LOOPBACK}:{port}/health")


def _api(project: Project, wish: Wish, _: Mapping[str, Running]) -> Part:
    port = port_for(wish.api_port, API_PORT)
    page = f"http://{LOOPBACK}:{port}"
    env = {**os.environ, "PITWALL_HOME": str(project.root)}
    return Part((*wish.api_command, "--host", LOOPBACK, "--port", str(port)), env, page, f"{page}/health")
