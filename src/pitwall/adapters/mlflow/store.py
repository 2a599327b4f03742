"""Open the project's MLflow store, whichever it is: its own SQLite file, a PostgreSQL, or an MLflow server.

A fresh database is made by Alembic migrations that two processes may not run at once, so opening is done under a lock: a
file for the processes of this machine, PostgreSQL's own for those of others. MLflow is told here, before its import, to
send no telemetry, to print nothing and to refuse pickles.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from pitwall.adapters.mlflow.move import (
    Move,
    bring_home,
    experiments_of,
    moves,
    refuse_a_strangers_files,
    rewrite,
    strangers,
)
from pitwall.adapters.mlflow.sqlite import make_sqlite, see_what_is_open
from pitwall.domain.errors import StoreAway, TrackingError
from pitwall.domain.project import Project
from pitwall.domain.settings import StoreAddress, store_address

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from sqlalchemy import Engine

log = logging.getLogger(__name__)

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
IMPATIENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
QUIET = ("mlflow", "alembic")
LOCK_SECONDS = 300.0
REACH_SECONDS = 10
POSTGRES_LOCK = 5_042_017  # any number that no other program locks in the same database

_clients: dict[tuple[Path, str, int], MlflowClient] = {}


def prepare_environment() -> None:
    """Set the variables of `ENVIRONMENT`; must run before MLflow is imported."""
    _export(ENVIRONMENT)


def _export(variables: Mapping[str, str]) -> None:
    """Set what is not set so yet: the environment belongs to all threads, and C code reads it while we would write."""
    for name, value in variables.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def store_lock(project: Project, name: str = "store") -> FileLock:
    """Return a lock that serialises this machine's processes on the store; waits five minutes at most."""
    project.mlruns.mkdir(parents=True, exist_ok=True)
    return FileLock(str(project.mlruns / f".{name}.lock"), timeout=LOCK_SECONDS)


def open_store(project: Project) -> MlflowClient:
    """Return a client of the project's store, made and migrated on first use.

    Raises:
        TrackingError: the store cannot be opened; says where it is and what to do, and no password.
    """
    address = store_address(project)
    _export(address.secrets)
    key = (project.root.resolve(), address.uri, os.getpid())
    if key not in _clients:
        prepare_environment()
        import mlflow  # noqa: F401  # seconds of CPU that processes starting together need not spend one by one

        with store_lock(project):
            if key not in _clients:  # another thread may have come first
                _clients[key] = _connect(project, address)
    _point_mlflow_at(address.uri)
    return _clients[key]


def close_store(project: Project) -> None:
    """Let the connections to a database go that nobody uses at this moment; the client makes new ones when it is asked again."""
    for (root, _, process), client in list(_clients.items()):
        if (root, process) == (project.root.resolve(), os.getpid()):
            for store in (client._tracking_client.store, client._get_registry_client().store):  # a database pool each
                if (engine := getattr(store, "engine", None)) is not None:  # none on a server
                    engine.dispose()


def ask_once() -> None:
    """Let MLflow knock once more at once where nobody answers, and wait a while for an answer: for who has something else to do then.

    By itself it knocks for four minutes. What is set already stays.
    """
    for name, value in IMPATIENT.items():
        os.environ.setdefault(name, value)


def _point_mlflow_at(uri: str) -> None:
    """Set MLflow's process-wide address: parts of its registry ask that one, whatever the client was opened with."""
    import mlflow

    if mlflow.get_tracking_uri() != uri or mlflow.get_registry_uri() != uri:
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)


def _connect(project: Project, address: StoreAddress) -> MlflowClient:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        with _alone(project, address):
            client = MlflowClient(tracking_uri=address.uri, registry_uri=address.uri)
            client.search_experiments(max_results=1)
            client.search_registered_models(max_results=1)
            if address.path is not None:
                see_what_is_open(address.path, database(client))
            if address.own:
                for move in bring_home(project, database(client)):
                    log.warning(
                        "the project was moved or copied here from %s: %d addresses rewritten",
                        move.before,
                        move.addresses,
                    )
    except (MlflowException, SQLAlchemyError) as error:
        raise TrackingError(
            f"the run store {address.uri} cannot be opened: {error}. {_ADVICE[address.kind]}"
        ) from error
    return client


def database(client: MlflowClient) -> Engine:
    """Return the database behind a client that was opened without a server."""
    engine: Engine = client._tracking_client.store.engine
    return engine


_ADVICE = {
    "sqlite": "It must be a database of MLflow 3.17; move it aside and a new one is made (models in models/ are "
    "registered again).",
    "postgresql": "It must be an empty database or one of MLflow 3.17, and PostgreSQL must let this user in.",
    "server": "It must be a server of MLflow 3.17, and it must let this user in.",
}


@contextmanager
def _alone(project: Project, address: StoreAddress) -> Iterator[None]:
    """See that the store answers, and keep other machines from migrating it meanwhile.

    MLflow itself would knock at a closed door for minutes, and say so line by line.
    """
    if address.kind == "postgresql":
        with _postgres_lock(address.uri):
            yield
        return
    if address.kind == "server":
        see_server(address.uri)
    elif address.path is not None:
        make_sqlite(address.path, (project.mlruns / "artifacts").resolve())
    yield


@contextmanager
def _postgres_lock(uri: str) -> Iterator[None]:
    """Hold a lock in the database itself; it ends with the connection."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    engine = create_engine(uri, poolclass=NullPool, connect_args={"connect_timeout": REACH_SECONDS})
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": POSTGRES_LOCK})
        yield


def see_server(uri: str) -> None:
    """Ask a server for its health; MLflow itself would knock at a closed door for minutes.

    Raises:
        StoreAway: nobody answers, or the server is broken.
        TrackingError: somebody else answers.
    """
    import httpx

    try:
        answer = httpx.get(f"{uri}/health", timeout=REACH_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise StoreAway(f"no MLflow server answers at {uri} ({error}); start it, or unset its address.") from error
    if answer.status_code != httpx.codes.OK:
        broken = answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
        raise (StoreAway if broken else TrackingError)(
            f"{uri} answered {answer.status_code} to a question for its health; is it an MLflow server?"
        )


def experiment_id(project: Project, name: str) -> str:
    """Return the id of an experiment, made if there is none.

    Opened directly, its artifacts lie below `mlruns/artifacts`: MLflow stores absolute addresses, and puts them into the
    working directory unless told otherwise. A server decides by itself.

    Raises:
        TrackingError: the experiment's files lie on a server, and the store was opened without one, or in another project.
    """
    client = open_store(project)
    known = client.get_experiment_by_name(name)
    if known is None or known.lifecycle_stage == "deleted":
        with store_lock(project):
            known = _made(project, client, name)
    if known.artifact_location.startswith("mlflow-artifacts:") and store_address(project).kind != "server":
        raise TrackingError(
            f"the files of experiment {name} lie on an MLflow server, and the store was opened without it. Set "
            "PITWALL_TRACKING_URI to that server."
        )
    refuse_a_strangers_files(project, known)
    return str(known.experiment_id)


def _made(project: Project, client: MlflowClient, name: str) -> Any:
    """Make or restore an experiment; another machine may come first."""
    from mlflow.exceptions import MlflowException

    folder = (project.mlruns / "artifacts" / name).resolve()
    location = None if store_address(project).kind == "server" else folder.as_uri()
    if (known := client.get_experiment_by_name(name)) is None:
        try:
            client.create_experiment(name, artifact_location=location)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
    elif known.lifecycle_stage == "deleted":
        client.restore_experiment(known.experiment_id)
    return client.get_experiment_by_name(name)


def move_store(project: Project, before: Path | None = None) -> list[Move]:
    """Let the project's runs lead to its own files, after it was moved; the project's own database did so when it was opened.

    Args:
        project: where it is now.
        before: the folder where it was; found in the store where only one can be meant.

    Raises:
        TrackingError: that folder is still there, so the project was copied; or several can be meant.
    """
    client, address = open_store(project), store_address(project)
    if address.own or address.kind == "server":
        return moves(project)
    found = strangers(project, experiments_of(database(client)))
    if len(found) > 1 and before is None:
        raise TrackingError(
            f"the run store serves several projects ({', '.join(map(str, found))}); say with --from which of them was moved here."
        )
    before = before or next(iter(found), None)
    if before is None:
        return moves(project)
    if before not in found:
        raise TrackingError(
            f"no experiment of the run store lies in {before}; there are: {', '.join(map(str, found)) or 'none'}."
        )
    if before.exists():
        raise TrackingError(
            f"{before} is still there, so this project is a copy of it, and both would share one run store. Give the copy a store of its "
            "own (PITWALL_TRACKING_URI, settings.local.yaml; without either it is in mlruns/), or move the folder away first."
        )
    with store_lock(project):
        rewrite(project, database(client), before)
    return moves(project)


def run_page(project: Project, run_id: str) -> str:
    """Return where the project's MLflow server shows a run: the one that is used, else the one of `pitwall ui`."""
    experiment = open_store(project).get_run(run_id).info.experiment_id
    address = store_address(project)
    page = address.uri if address.kind == "server" else "http://127.0.0.1:5000"
    return (
        f"{page}/#/experiments/{experiment}/runs/{run_id}?workflowType=machine_learning"  # else amid traces and prompts
    )
