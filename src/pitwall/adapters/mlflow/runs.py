"""Runs read back from MLflow (`ports.RunReader`): by id or its beginning, with tags, numbers and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pitwall.adapters.mlflow.store import close_store, open_store, prepare_environment
from pitwall.adapters.mlflow.tags import unpack
from pitwall.adapters.mlflow.tracker import NOTE, TAGS, file_of
from pitwall.domain import renames
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.ports import Measured, RunRecord
from pitwall.domain.project import Project

PARENT = "mlflow.parentRunId"
NOT_NESTED = f"tags.`{PARENT}` IS NULL"
ALL = 2**31 - 1  # numbers; MLflow asks how many at most


class MlflowRuns:
    """Runs of the project's MLflow store."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def find(self, prefix: str) -> list[str]:
        """Return the ids of the runs whose id begins so, nested ones too."""
        if not prefix.isalnum():  # MLflow would read % and _ as wildcards, and a quote as the end of the text
            return []
        return [str(run.info.run_id) for run in self._search(f"attributes.run_id LIKE '{prefix}%'")]

    def read(self, run_id: str) -> RunRecord:
        """Return a run by its whole id.

        Raises:
            UnknownName: there is none.
        """
        from mlflow.exceptions import MlflowException

        try:
            run = self._client.get_run(run_id)
        except MlflowException as error:
            if error.error_code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                raise TrackingError(f"run {run_id} cannot be read: {error.message}") from error
            raise UnknownName("run", run_id, [record.run_id for record in self.all()]) from None
        return _record(run, self._experiments()[run.info.experiment_id])

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return every run, or those of one experiment, that are not nested in another, the newest first."""
        return self._records(NOT_NESTED, experiment)

    def search(self, condition: str, experiment: str | None = None) -> list[RunRecord]:
        """Return the runs that a condition of MLflow's filter language holds for, nested ones too, the newest first."""
        return self._records(condition, experiment)

    def deleted(self, condition: str, experiment: str | None = None) -> list[RunRecord]:
        """Return the same of the runs that MLflow has in its trash."""
        return self._records(condition, experiment, deleted=True)

    def names(self, experiment: str) -> set[str]:
        """Return the names of the runs of an experiment that are not nested."""
        known = self._client.get_experiment_by_name(experiment)
        return {str(run.info.run_name) for run in self._search(NOT_NESTED, [known.experiment_id])} if known else set()

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of each time that a metric was logged, in the order of the steps."""
        return [(each.step, each.value) for each in self.measured(run_id, metric)]

    def measured(self, run_id: str, metric: str) -> list[Measured]:
        """Return each number of a metric with its instant, in the order of the steps."""
        found = self._client.get_metric_history(run_id, metric)
        ordered = sorted(found, key=lambda each: (each.step, each.timestamp))
        return [Measured(each.step, each.value, each.timestamp) for each in ordered]

    def histories(self, run_ids: Sequence[str], metric: str) -> dict[str, list[tuple[int, float]]]:
        """Return what `history` returns for many runs at once; a server is asked run by run, it has no other way."""
        found: dict[str, list[tuple[int, float]]] = {run_id: [] for run_id in run_ids}
        bulk = getattr(self._client._tracking_client.store, "get_metric_history_bulk", None)
        if bulk is None:
            return {run_id: self.history(run_id, metric) for run_id in run_ids}
        for each in bulk(list(run_ids), metric, ALL):
            found[each.run_id].append((each.step, each.value))
        return {run_id: sorted(history, key=lambda pair: pair[0]) for run_id, history in found.items()}

    def page(self, run_id: str) -> str:
        """Return the text that the run's page opens with, whole; empty where there is none."""
        text, place = self.read(run_id).tags.get(NOTE, ""), file_of(TAGS, NOTE)
        whole = self.file(run_id, place) if text.endswith(f"whole in {place})") else None
        return whole.read_text(encoding="utf-8") if whole else text

    def home(self, run_id: str) -> str:
        """Return the folder above the run's artifacts, or its address on a server."""
        address = str(self._client.get_run(run_id).info.artifact_uri)
        place = url2pathname(urlsplit(address).path) if address.startswith("file:") else address
        return place.removesuffix("/artifacts")

    def artifacts(self, run_id: str) -> list[str]:
        """Return the paths of a run's artifacts, sorted."""
        return sorted(self._below(run_id, None))

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a local copy of an artifact, or None if the run has none there."""
        above = path.rpartition("/")[0] or None
        if path not in [entry.path for entry in self._client.list_artifacts(run_id, above)]:
            return None
        prepare_environment()
        return Path(self._client.download_artifacts(run_id, path))

    def close(self) -> None:
        """Let idle connections to the store's database go."""
        close_store(self._project)

    @property
    def _client(self) -> Any:
        return open_store(self._project)

    def _experiments(self) -> dict[str, str]:
        from mlflow.entities import ViewType

        return {each.experiment_id: each.name for each in self._client.search_experiments(view_type=ViewType.ALL)}

    def _records(self, condition: str, experiment: str | None, *, deleted: bool = False) -> list[RunRecord]:
        names = self._experiments()
        within = None if experiment is None else [number for number, name in names.items() if name == experiment]
        found = self._search(condition, within, deleted=deleted)
        return [_record(run, names[run.info.experiment_id]) for run in found]

    def _search(self, condition: str, experiments: list[str] | None = None, *, deleted: bool = False) -> Iterator[Any]:
        from mlflow.entities import ViewType

        if experiments is None:
            experiments = [each.experiment_id for each in self._client.search_experiments()]
        token = None
        while experiments:
            page = self._client.search_runs(
                experiments,
                condition,
                ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY,
                order_by=["attributes.start_time DESC"],
                page_token=token,
            )
            yield from page
            token = page.token
            if not token:
                return

    def _below(self, run_id: str, folder: str | None) -> Iterator[str]:
        for entry in self._client.list_artifacts(run_id, folder):
            if entry.is_dir:
                yield from self._below(run_id, entry.path)
            else:
                yield entry.path


def _record(run: Any, experiment: str) -> RunRecord:
    tags = renames.tags(unpack(run.data.tags))
    inputs = run.inputs.dataset_inputs if run.inputs else []
    return RunRecord(
        run_id=str(run.info.run_id),
        name=str(run.info.run_name),
        status=str(run.info.status),
        experiment=experiment,
        parent=tags.get(PARENT),
        started=_instant(run.info.start_time),
        ended=_instant(run.info.end_time),
        tags=tags,
        params=dict(run.data.params),
        metrics=dict(run.data.metrics),
        datasets=tuple((entry.dataset.name, entry.dataset.digest) for entry in inputs),
    )


def _instant(milliseconds: int | None) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat() if milliseconds else ""
