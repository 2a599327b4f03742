"""The MLflow server that a person looks at: on loopback, for its own names only, one worker, no jobs, no pickles.

It shows whatever store the project uses. Where that is a server already, nothing is started.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pitwall.adapters.mlflow.store import ENVIRONMENT, open_store
from pitwall.adapters.processes.child import start, stop
from pitwall.adapters.processes.prefect_server import LOOPBACK, free_port, prefect_server, wait_until_healthy
from pitwall.domain.project import Project
from pitwall.domain.settings import store_address

PORT = 5000


@contextmanager
def ui_servers(project: Project) -> Iterator[dict[str, str]]:
    """Give the page addresses of the project's MLflow and Prefect servers, started here unless they run already."""
    with prefect_server(project, shared=True) as api_url, mlflow_server(project) as page:
        yield {"MLflow": page, "Prefect": api_url.removesuffix("/api")}


@contextmanager
def mlflow_server(project: Project) -> Iterator[str]:
    """Give the page address of an MLflow server on the project's store.

    Raises:
        StageError: ours did not come up; carries the end of its log.
        TrackingError: the store, or the server that the settings name, does not answer.
    """
    open_store(project)  # made and migrated under our lock, before a server does it without
    address = store_address(project)
    if address.kind == "server":
        yield address.uri
        return
    port = free_port(PORT)
    process = start_mlflow(project, port)
    page = f"http://{LOOPBACK}:{port}"
    try:
        wait_until_healthy(f"{page}/health", process, project.state / "mlflow-server.log", "MLflow server")
        yield page
    finally:
        stop(process)


def start_mlflow(project: Project, port: int) -> subprocess.Popen[bytes]:
    """Start an MLflow server on the project's database and artifacts."""
    return start(mlflow_command(project, port), project.root, mlflow_env(project), project.state / "mlflow-server.log")


def mlflow_command(project: Project, port: int) -> tuple[str, ...]:
    """Return what starts an MLflow server on the project's database and artifacts.

    MLflow would by default also answer to names that begin like a private address, such as 10.evil.example.
    """
    return (
        *(sys.executable, "-m", "mlflow", "server", "--host", LOOPBACK, "--port", str(port), "--workers", "1"),
        *("--allowed-hosts", allowed_hosts(port)),
        *("--backend-store-uri", store_address(project).uri),
        *("--artifacts-destination", (project.mlruns / "artifacts").resolve().as_uri()),
    )


def mlflow_env(project: Project) -> dict[str, str]:
    """Return the environment of an MLflow server."""
    return {**os.environ, **store_address(project).secrets, **ENVIRONMENT}


def allowed_hosts(port: int) -> str:
    """Return the names that a browser may use for our server; any other is a page that reaches for it from outside."""
    return f"{LOOPBACK}:{port},localhost:{port}"
