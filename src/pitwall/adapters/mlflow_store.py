"""Open the project's MLflow store: one SQLite database and one artifact folder below `mlruns/`.

A fresh database is made by Alembic migrations that two processes may not run at once, so opening is done under a file
lock. MLflow is told here, before its import, to send no telemetry, to print nothing and to refuse pickles.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from pitwall.domain.errors import TrackingError
from pitwall.domain.project import Project

if TYPE_CHECKING:
    from mlflow import MlflowClient

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
QUIET = ("mlflow", "alembic")
LOCK_SECONDS = 120.0

_clients: dict[tuple[Path, int], MlflowClient] = {}


def prepare_environment() -> None:
    """Set the variables of `ENVIRONMENT`; must run before MLflow is imported."""
    os.environ.update(ENVIRONMENT)


def store_uri(project: Project) -> str:
    """Return the tracking and registry URI of the project."""
    return f"sqlite:///{(project.mlruns / 'mlflow.db').resolve().as_posix()}"


def store_lock(project: Project, name: str = "store") -> FileLock:
    """Return a lock that serialises processes on the store; waits two minutes at most."""
    project.mlruns.mkdir(parents=True, exist_ok=True)
    return FileLock(str(project.mlruns / f".{name}.lock"), timeout=LOCK_SECONDS)


def open_store(project: Project) -> MlflowClient:
    """Return a client of the project's store, made and migrated on first use.

    Raises:
        TrackingError: the database cannot be opened; says where it is and what to do.
    """
    key = (project.root.resolve(), os.getpid())
    if key not in _clients:
        prepare_environment()
        with store_lock(project):
            _clients[key] = _connect(project)
    _point_mlflow_at(store_uri(project))
    return _clients[key]


def _point_mlflow_at(uri: str) -> None:
    """Set MLflow's process-wide address: parts of its registry ask that one, whatever the client was opened with."""
    import mlflow

    if mlflow.get_tracking_uri() != uri or mlflow.get_registry_uri() != uri:
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)


def _connect(project: Project) -> MlflowClient:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    uri = store_uri(project)
    try:
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
        client.search_registered_models(max_results=1)
    except (MlflowException, SQLAlchemyError) as error:
        raise TrackingError(
            f"the run store {project.mlruns / 'mlflow.db'} cannot be opened: {error}. It must be a database of "
            "MLflow 3.17; move it aside and a new one is made (models in models/ are registered again)."
        ) from error
    return client


def experiment_id(project: Project, name: str) -> str:
    """Return the id of an experiment, made with its artifacts below `mlruns/artifacts` if there is none.

    MLflow stores absolute artifact addresses, and puts them into the working directory unless told otherwise.
    """
    client = open_store(project)
    with store_lock(project):
        known = client.get_experiment_by_name(name)
        if known is None:
            folder = (project.mlruns / "artifacts" / name).resolve()
            return str(client.create_experiment(name, artifact_location=folder.as_uri()))
        if known.lifecycle_stage == "deleted":
            client.restore_experiment(known.experiment_id)
        return str(known.experiment_id)


def run_page(project: Project, run_id: str) -> str:
    """Return where the MLflow server of `pitwall ui` shows a run."""
    experiment = open_store(project).get_run(run_id).info.experiment_id
    return f"http://127.0.0.1:5000/#/experiments/{experiment}/runs/{run_id}"
