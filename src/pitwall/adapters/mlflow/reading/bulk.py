"""Many runs at once: one question per table of the database behind MLflow, for stores that thousands of runs lie in.

MLflow's own search makes an object of every number of every run, some milliseconds for each run of ours. What is asked here is what its search
for runs that are not nested in another gives, in the same order. A store behind a server has no database to ask, and is searched.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PARENT = "mlflow.parentRunId"
ACTIVE, DATASET, RUN = "active", "DATASET", "RUN"


@dataclass(frozen=True)
class Row:
    """A run as the database has it; instants are milliseconds."""

    run_id: str
    name: str
    status: str
    experiment_id: str
    started: int | None
    ended: int | None
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    datasets: tuple[tuple[str, str], ...]


def engine_of(client: Any) -> Engine | None:
    """Return the database behind a client, None where it is a server's."""
    found: Engine | None = getattr(client._tracking_client.store, "engine", None)
    return found


def count(engine: Engine) -> int:
    """Return how many runs there are, nested ones and those in the bin among them."""
    from mlflow.store.tracking.dbmodels.models import SqlRun
    from sqlalchemy import func, select

    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(SqlRun)).scalar_one())


def names(engine: Engine, experiment_id: str) -> set[str]:
    """Return the names of the runs of an experiment that are not nested."""
    from mlflow.store.tracking.dbmodels.models import SqlRun
    from sqlalchemy import select

    with engine.connect() as connection:
        return {str(name) for (name,) in connection.execute(select(SqlRun.name).where(*_wanted([experiment_id])))}


def rows(engine: Engine, experiment_ids: Iterable[str]) -> list[Row]:
    """Return the runs of some experiments that are not nested, the newest first."""
    from mlflow.store.tracking.dbmodels.models import SqlRun
    from sqlalchemy import select

    wanted = _wanted(experiment_ids)
    columns = (SqlRun.run_uuid, SqlRun.name, SqlRun.status, SqlRun.experiment_id, SqlRun.start_time, SqlRun.end_time)
    with engine.connect() as connection:
        heads = connection.execute(
            select(*columns).where(*wanted).order_by(SqlRun.start_time.desc(), SqlRun.run_uuid)
        ).all()
        tags, params, metrics = _values(connection, select(SqlRun.run_uuid).where(*wanted))
        datasets = _datasets(connection, select(SqlRun.run_uuid).where(*wanted))
    return [
        Row(
            run_id=run_id,
            name=str(name),
            status=status,
            experiment_id=str(of),
            started=began,
            ended=ended,
            tags=tags[run_id],
            params=params[run_id],
            metrics=metrics[run_id],
            datasets=tuple(datasets[run_id].values()),
        )
        for run_id, name, status, of, began, ended in heads
    ]


def _wanted(experiment_ids: Iterable[str]) -> tuple[Any, ...]:
    from mlflow.store.tracking.dbmodels.models import SqlRun, SqlTag
    from sqlalchemy import select

    nested = select(SqlTag.run_uuid).where(SqlTag.key == PARENT)
    return (
        SqlRun.lifecycle_stage == ACTIVE,
        SqlRun.experiment_id.in_([int(each) for each in experiment_ids]),
        SqlRun.run_uuid.not_in(nested),
    )


def _values(connection: Connection, runs: Any) -> tuple[defaultdict[str, dict[str, Any]], ...]:
    """Return tags, parameters and last values of metrics, each by run and name."""
    from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlParam, SqlTag
    from sqlalchemy import select

    found: tuple[defaultdict[str, dict[str, Any]], ...] = (defaultdict(dict), defaultdict(dict), defaultdict(dict))
    for by_run, table in zip(found, (SqlTag, SqlParam), strict=False):
        for run_id, key, value in connection.execute(
            select(table.run_uuid, table.key, table.value).where(table.run_uuid.in_(runs))
        ):
            by_run[run_id][key] = value
    table = SqlLatestMetric
    for run_id, key, value, none in connection.execute(
        select(table.run_uuid, table.key, table.value, table.is_nan).where(table.run_uuid.in_(runs))
    ):
        found[2][run_id][key] = math.nan if none else value
    return found


def _datasets(connection: Connection, runs: Any) -> defaultdict[str, dict[str, tuple[str, str]]]:
    from mlflow.store.tracking.dbmodels.models import SqlDataset, SqlInput
    from sqlalchemy import select

    question = (
        select(SqlInput.destination_id, SqlDataset.dataset_uuid, SqlDataset.name, SqlDataset.digest)
        .join(SqlDataset, SqlInput.source_id == SqlDataset.dataset_uuid)
        .where(SqlInput.destination_type == RUN, SqlInput.destination_id.in_(runs))
    )
    found: defaultdict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for run_id, dataset, name, digest in connection.execute(question):
        found[run_id][dataset] = (str(name), str(digest))
    return found
