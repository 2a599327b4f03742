"""MLflow's filter language on runs that are in no database of MLflow's, and its errors in our words.

A project's store is asked by SQL, unless a condition is on a tag that is packed there: the database cannot look into it, we can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pitwall.adapters.mlflow.runs import NOT_NESTED, MlflowRuns
from pitwall.adapters.mlflow.store import prepare_environment
from pitwall.adapters.mlflow.tags import packs_any
from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.domain.project import Project


def search_store(project: Project, condition: str, experiment: str | None = None) -> list[RunRecord]:
    """Return the runs of a project that a condition holds for and that are not nested in another, the newest first.

    Args:
        project: whose store is asked.
        condition: in MLflow's filter language.
        experiment: all of them when None.

    Raises:
        UsageError: the condition is none.
    """
    runs = MlflowRuns(project)
    if packs_any(dict.fromkeys(names_of(condition)["tag"], "")):
        return matching(runs.all(experiment), condition)
    found: list[RunRecord] = _said(condition, lambda: runs.search(f"{condition} AND {NOT_NESTED}", experiment))
    return found


def matching(records: Sequence[RunRecord], condition: str) -> list[RunRecord]:
    """Return the runs that a condition holds for, in their order.

    Raises:
        UsageError: the condition is none.
    """
    prepare_environment()
    from mlflow.utils.search_utils import SearchUtils

    by_id = {each.run_id: each for each in records}
    held = _said(condition, lambda: SearchUtils.filter([_entity(each) for each in records], condition))
    return [by_id[each.info.run_id] for each in held]


def names_of(condition: str) -> dict[str, list[str]]:
    """Return the names that a condition asks for by kind: metric, parameter, tag, attribute.

    Raises:
        UsageError: the condition is none.
    """
    prepare_environment()
    from mlflow.utils.search_utils import SearchUtils

    found: dict[str, list[str]] = {kind: [] for kind in ("metric", "parameter", "tag", "attribute")}
    for each in _said(condition, lambda: SearchUtils.parse_search_filter(condition)):
        found.setdefault(each["type"], []).append(each["key"])
    return found


def _said(condition: str, ask: Callable[[], Any]) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return ask()
    except MlflowException as error:
        raise UsageError(
            f"{condition!r} is no condition: {error.message} Conditions are joined by `and`, e.g. metrics.loss < 0.5 and "
            "params.estimator = 'xgboost' and tags.team LIKE 'a%'; names with other characters stand in backticks."
        ) from error


def _entity(record: RunRecord) -> Any:
    """Return a run as MLflow's own, as far as conditions ask."""
    from mlflow.entities import LifecycleStage, Metric, Param, Run, RunData, RunInfo, RunTag

    info = RunInfo(
        run_id=record.run_id,
        run_name=record.name,
        experiment_id=record.experiment,
        user_id=record.tags.get("mlflow.user", ""),
        status=record.status,
        start_time=_milliseconds(record.started) or 0,
        end_time=_milliseconds(record.ended),
        lifecycle_stage=LifecycleStage.ACTIVE,
    )
    data = RunData(
        metrics=[Metric(key, value, 0, 0) for key, value in record.metrics.items()],
        params=[Param(key, value) for key, value in record.params.items()],
        tags=[RunTag(key, value) for key, value in {**record.tags, "mlflow.runName": record.name}.items()],
    )
    return Run(info, data)


def _milliseconds(instant: str) -> int | None:
    return round(datetime.fromisoformat(instant).timestamp() * 1000) if instant else None
