"""Open a run store by its address alone, without a project: a SQLite file, a PostgreSQL, or an MLflow server."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from pitwall.adapters.mlflow.sqlite import make_sqlite
from pitwall.adapters.mlflow.store import LOCK_SECONDS, QUIET, prepare_environment, see_server
from pitwall.domain.errors import TrackingError
from pitwall.domain.settings import StoreAddress, parse_address, sqlite_address

if TYPE_CHECKING:
    from mlflow import MlflowClient

RELATIVE = "sqlite:///"


@dataclass(frozen=True)
class Opened:
    """An open store.

    Attributes:
        client: of MLflow, for this store and no other.
        artifacts: where files of experiments that are made here go; None where the store decides.
    """

    client: MlflowClient
    artifacts: Path | None

    def experiment(self, name: str) -> str:
        """Return the id of an experiment, made if there is none, and taken out of the trash if it is there."""
        from mlflow.exceptions import MlflowException

        if (known := self.client.get_experiment_by_name(name)) is None:
            location = None if self.artifacts is None else (self.artifacts / name).as_uri()
            try:
                return str(self.client.create_experiment(name, artifact_location=location))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":  # another process came first
                    raise
            known = self.client.get_experiment_by_name(name)
        if known.lifecycle_stage == "deleted":
            self.client.restore_experiment(known.experiment_id)
        return str(known.experiment_id)


def open_at(tracking_uri: str) -> Opened:
    """Open a store; a SQLite file that is not there is made. Nothing that belongs to the process but its passwords is touched.

    Args:
        tracking_uri: `sqlite:///FILE`, `postgresql://USER@HOST/DATABASE` or `http://HOST:PORT`.

    Raises:
        UsageError: it is no such address; folders of files are none, as MLflow 3 writes to no more of them.
        StoreAway: nobody answers there.
        TrackingError: somebody answers and refuses.
    """
    address = _address(tracking_uri)
    os.environ.update(address.secrets)
    prepare_environment()
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        artifacts = _made_ready(address)
        client = MlflowClient(tracking_uri=address.uri, registry_uri=address.uri)
        client.search_experiments(max_results=1)
    except (MlflowException, SQLAlchemyError) as error:
        raise TrackingError(f"the run store {address.uri} cannot be opened: {error}") from error
    return Opened(client, artifacts)


def _address(tracking_uri: str) -> StoreAddress:
    path = tracking_uri.strip().removeprefix(RELATIVE)
    if tracking_uri.strip().startswith(RELATIVE) and path and not path.startswith("/"):
        return sqlite_address(Path(path).resolve())
    return parse_address(tracking_uri)


def _made_ready(address: StoreAddress) -> Path | None:
    """See that the store answers, and return where its files go: beside a database of SQLite, else as `pitwall` does in a project."""
    if address.kind == "server":
        see_server(address.uri)
        return None
    if address.path is None:
        return (Path.cwd() / "mlruns" / "artifacts").resolve()
    path = address.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_SECONDS):
        make_sqlite(path, path.parent / "artifacts")
    return path.parent / "artifacts"
