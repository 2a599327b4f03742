"""Runs read back from MLflow (`ports.RunReader`): by id or its beginning, with tags, numbers and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pitwall.adapters.mlflow.reading import bulk
from pitwall.adapters.mlflow.reading.bulk import PARENT
from pitwall.adapters.mlflow.reading.held import held
from pitwall.adapters.mlflow.store import close_store, open_store, prepare_environment, run_page
from pitwall.adapters.mlflow.tags import unpack
from pitwall.adapters.mlflow.tracker import NOTE
from pitwall.domain import renames
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.ports import Measured, RunRecord
from pitwall.domain.project import Project
from pitwall.domain.texts.long_texts import TAGS, place_of_whole

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

    def tagged(self, key: str, value: str) -> list[str]:
        """Return the ids of the runs that show this tag, nested ones too, oldest first; of a tag that is packed nobody is found."""
        if not value.isalnum():  # as in `find`
            return []
        return [str(run.info.run_id) for run in self._search(f"tags.`{key}` = '{value}'")][::-1]

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
        return _record(_row(run), self._experiments())

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return every run, or those of one experiment, that are not nested in another, the newest first."""
        names = self._experiments()
        within = self._within(experiment, names)
        if (engine := bulk.engine_of(self._client)) is None:
            return [_record(_row(run), names) for run in self._search(NOT_NESTED, within)]
        return [_record(row, names) for row in bulk.rows(engine, within)]

    def search(self, condition: str, experiment: str | None = None) -> list[RunRecord]:
        """Return the runs that a condition of MLflow's filter language holds for, nested ones too, the newest first."""
        return self._records(condition, experiment)

    def deleted(self, condition: str, experiment: str | None = None) -> list[RunRecord]:
        """Return the same of the runs that MLflow has in its trash."""
        return self._records(condition, experiment, deleted=True)

    def counts(self) -> dict[str, int]:
        """Return how many `experiments_created` and `runs_logged` there are, nested runs and those in the bin among them."""
        engine = bulk.engine_of(self._client)
        runs = (
            bulk.count(engine) if engine else sum(1 for gone in (False, True) for _ in self._search("", deleted=gone))
        )
        return {"experiments_created": len(self._experiments()), "runs_logged": runs}

    def link(self, run_id: str) -> str:
        """Return where the MLflow server shows the run: the one that is used, else the one of `pitwall ui`; empty of a run that is gone."""
        from mlflow.exceptions import MlflowException

        try:
            return run_page(self._project, run_id)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return ""
            raise TrackingError(f"the run {run_id} cannot be read: {error.message}") from error

    def nested(self, run_id: str) -> list[RunRecord]:
        """Return the runs nested in a run, oldest first."""
        return self._records(f"tags.`{PARENT}` = '{run_id}'", None)[::-1]

    def names(self, experiment: str) -> set[str]:
        """Return the names of the runs of an experiment that are not nested."""
        known = self._client.get_experiment_by_name(experiment)
        if known is None:
            return set()
        if (engine := bulk.engine_of(self._client)) is not None:
            return bulk.names(engine, known.experiment_id)
        return {str(run.info.run_name) for run in self._search(NOT_NESTED, [known.experiment_id])}

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
        text = self.read(run_id).tags.get(NOTE, "")
        place = place_of_whole(TAGS, NOTE, text)
        whole = self.file(run_id, place) if place else None
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

    def held(self, run_id: str) -> AbstractContextManager[Mapping[str, Path]]:
        """Give all files of a run and of the models that were logged from it, those of a server for as long as the context lasts."""
        prepare_environment()
        return held(self._client, run_id)

    def close(self) -> None:
        """Let idle connections to the store's database go."""
        close_store(self._project)

    @property
    def _client(self) -> Any:
        return open_store(self._project)

    def _experiments(self) -> dict[str, str]:
        from mlflow.entities import ViewType

        return {each.experiment_id: each.name for each in self._client.search_experiments(view_type=ViewType.ALL)}

    def _within(self, experiment: str | None, names: Mapping[str, str]) -> list[str]:
        """Return the numbers of the experiments of a name; those of all that are not removed when None."""
        if experiment is None:
            return [each.experiment_id for each in self._client.search_experiments()]
        return [number for number, name in names.items() if name == experiment]

    def _records(self, condition: str, experiment: str | None, *, deleted: bool = False) -> list[RunRecord]:
        names = self._experiments()
        found = self._search(condition, self._within(experiment, names), deleted=deleted)
        return [_record(_row(run), names) for run in found]

    def _search(self, condition: str, experiments: list[str] | None = None, *, deleted: bool = False) -> Iterator[Any]:
        from mlflow.entities import ViewType

        experiments = self._within(None, {}) if experiments is None else experiments
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


def _row(run: Any) -> bulk.Row:
    inputs = run.inputs.dataset_inputs if run.inputs else []
    return bulk.Row(
        run_id=str(run.info.run_id),
        name=str(run.info.run_name),
        status=str(run.info.status),
        experiment_id=str(run.info.experiment_id),
        started=run.info.start_time,
        ended=run.info.end_time,
        tags=run.data.tags,
        params=run.data.params,
        metrics=run.data.metrics,
        datasets=tuple((entry.dataset.name, entry.dataset.digest) for entry in inputs),
    )


def _record(row: bulk.Row, experiments: Mapping[str, str]) -> RunRecord:
    tags = renames.tags(unpack(row.tags))
    return RunRecord(
        run_id=row.run_id,
        name=row.name,
        status=row.status,
        experiment=experiments[row.experiment_id],
        parent=tags.get(PARENT),
        started=_instant(row.started),
        ended=_instant(row.ended),
        tags=tags,
        params=dict(row.params),
        metrics=dict(row.metrics),
        datasets=row.datasets,
    )


def _instant(milliseconds: int | None) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat() if milliseconds else ""
