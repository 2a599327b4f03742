"""The run store on MLflow (`ports.Tracker`): every call names its run, so threads and mapped tasks cannot mix runs.

Only `MlflowClient` is used, never the fluent API with its active run per thread. Each run is tagged with the process
that opened it, so that runs of killed processes are found and closed (`reap`).
"""

from __future__ import annotations

import getpass
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pitwall.adapters.mlflow.move import refuse_a_strangers_files
from pitwall.adapters.mlflow.store import close_store, experiment_id, open_store
from pitwall.adapters.mlflow.tags import pack, packs_any, unpack
from pitwall.adapters.processes.identity import life, this_process
from pitwall.domain.errors import TrackingError
from pitwall.domain.numbers import checked
from pitwall.domain.ports import RunStatus
from pitwall.domain.project import Project
from pitwall.domain.records.run_tags import PROCESS
from pitwall.domain.refs import FrameRef
from pitwall.domain.settings import see_that_small
from pitwall.domain.texts.long_texts import PARAMS, TAGS, file_of, shortened
from pitwall.domain.texts.param_texts import flatten, text_of

NOTE = "mlflow.note.content"
LIMITS = {PARAMS: 6000, TAGS: 8000}  # MLflow cuts longer ones
BATCH = 100
MANY = 1000  # numbers that MLflow takes at once
METRIC_NAME = re.compile(r"[A-Za-z0-9_\-. :/]+")
COLUMN_TYPES = {"double": "double", "int64": "long", "string": "string", "bool": "boolean"}


class MlflowTracker:
    """Runs in `mlruns/mlflow.db` of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def start(
        self, experiment: str, name: str, tags: Mapping[str, str], parent: str | None = None, at: int | None = None
    ) -> str:
        """Open a run (nested below `parent`) and return its id."""
        nesting = {"mlflow.parentRunId": parent} if parent else {}
        commit = {"mlflow.source.git.commit": tags["git.commit"]} if "git.commit" in tags else {}
        own = {"mlflow.user": _user(), "mlflow.source.name": "pitwall", PROCESS: this_process()}
        texts = {**own, **commit, **nesting, **tags}
        run = self._client.create_run(
            self._experiment(experiment),
            start_time=at,
            tags=short_texts(TAGS, pack(texts, {})),
            run_name=name,
        )
        run_id = str(run.info.run_id)
        self._keep_long(run_id, TAGS, pack(texts, {}))
        return run_id

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Log parameters; nested mappings are flattened with dots, lists are JSON.

        MLflow cuts values over 6,000 characters: such a one is kept whole as a file of the run, and its parameter is its
        beginning with the file's name and hash.

        Raises:
            TrackingError: a parameter of the run has another value already.
        """
        from mlflow.entities import Param
        from mlflow.exceptions import MlflowException

        texts = {key: text_of(value) for key, value in flatten(params).items()}
        entries = [Param(key, text) for key, text in short_texts(PARAMS, texts).items()]
        try:
            for batch in _batches(entries):
                self._client.log_batch(run_id, params=batch)
        except MlflowException as error:
            raise TrackingError(f"run {run_id} refused parameters: {error.message}") from error
        self._keep_long(run_id, PARAMS, texts)

    def metrics(
        self, run_id: str, metrics: Mapping[str, float], step: int | None = None, at: int | None = None
    ) -> None:
        """Log numbers, at one step of a history or as finals.

        Raises:
            TrackingError: a name has a character that MLflow refuses (letters, digits, `_-. :/` are allowed), or a value
                is not finite; nothing is logged then.
        """
        from mlflow.entities import Metric

        now = int(time.time() * 1000) if at is None else at
        entries = [Metric(name, value, now, step or 0) for name, value in sendable(metrics, step).items()]
        for batch in _batches(entries):
            self._client.log_batch(run_id, metrics=batch)

    def curve(self, run_id: str, metric: str, values: Sequence[tuple[int, float]], at: int | None = None) -> None:
        """Log the history of a metric at once: hundreds of steps cost little more than one.

        Raises:
            TrackingError: as for `metrics`; nothing is logged then.
        """
        from mlflow.entities import Metric

        now = int(time.time() * 1000) if at is None else at
        entries = [Metric(metric, sendable({metric: value}, step)[metric], now, step) for step, value in values]
        for batch in _batches(entries, MANY):
            self._client.log_batch(run_id, metrics=batch)

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Log a file, or all files of a folder, below `folder` of the run's artifacts.

        Raises:
            TrackingError: there is no such file, or one is larger than this machine allows; nothing is logged then.
        """
        see_that_small(self._project, path)
        self._see_that_files_are_ours(run_id)
        log = self._client.log_artifacts if path.is_dir() else self._client.log_artifact
        log(run_id, str(path), folder)

    def dataset(self, run_id: str, frame: FrameRef, context: str) -> None:
        """Link the run to the frame that it used, by name, hash, shape and a path relative to the project."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        dataset = Dataset(
            name=frame.name,
            digest=frame.md5,
            source_type="local",
            source=json.dumps({"uri": self._relative(frame.path)}),
            schema=json.dumps({"mlflow_colspec": self._columns(frame)}),
            profile=json.dumps({"num_rows": frame.rows, "num_elements": frame.rows * len(frame.columns)}),
        )
        self._client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", context)])])

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags; values over 8,000 characters are kept whole as parameters are."""
        from mlflow.entities import RunTag

        known = self._client.get_run(run_id).data.tags if packs_any(tags) else {}
        texts = pack(tags, known)
        for batch in _batches([RunTag(key, text) for key, text in short_texts(TAGS, texts).items()]):
            self._client.log_batch(run_id, tags=batch)
        self._keep_long(run_id, TAGS, texts)

    def note(self, run_id: str, markdown: str) -> None:
        """Set the text that the run's page opens with."""
        self.tag(run_id, {NOTE: markdown})

    def finish(self, run_id: str, status: RunStatus, at: int | None = None) -> None:
        """Close the run in its true state."""
        self._client.set_terminated(run_id, status, at)

    def orphans(self) -> list[str]:
        """Return the ids of open runs whose process is gone; nothing is known of those of other machines."""
        return [
            str(run.info.run_id) for run in self._running() if life(unpack(run.data.tags).get(PROCESS, "")) == "gone"
        ]

    def reap(self) -> list[str]:
        """Mark runs whose process is gone as KILLED, models that they left half-made as FAILED; return the runs' ids."""
        dead = self.orphans()
        for run_id in dead:
            self._fail_models(run_id)
            self._client.set_terminated(run_id, "KILLED")
        return dead

    def close(self) -> None:
        """Let idle connections to the store's database go."""
        close_store(self._project)

    def _fail_models(self, run_id: str) -> None:
        from mlflow.entities import LoggedModelStatus

        experiment = self._client.get_run(run_id).info.experiment_id
        for made in self._client.search_logged_models([experiment], f"source_run_id = '{run_id}'"):
            if made.status == LoggedModelStatus.PENDING:
                self._client.finalize_logged_model(made.model_id, LoggedModelStatus.FAILED)

    def _keep_long(self, run_id: str, kind: str, texts: Mapping[str, str]) -> None:
        for key, text in texts.items():
            if len(text) > LIMITS[kind]:
                self._client.log_text(run_id, text, file_of(kind, key))

    def _experiment(self, name: str) -> str:
        return experiment_id(self._project, name)

    def _see_that_files_are_ours(self, run_id: str) -> None:
        experiment = self._client.get_run(run_id).info.experiment_id
        refuse_a_strangers_files(self._project, self._client.get_experiment(experiment))

    @property
    def _client(self) -> Any:
        return open_store(self._project)

    def _running(self) -> Iterator[Any]:
        experiments = [experiment.experiment_id for experiment in self._client.search_experiments()]
        token = None
        while True:
            page = self._client.search_runs(experiments, "attributes.status = 'RUNNING'", page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def _relative(self, path: str) -> str:
        root = self._project.root.resolve()
        full = (root / path).resolve()
        return full.relative_to(root).as_posix() if full.is_relative_to(root) else full.name

    def _columns(self, frame: FrameRef) -> list[dict[str, str]]:
        """Return column names and types, read from the parquet footer alone."""
        import pyarrow.parquet as pq

        path = self._project.root / frame.path
        types = {field.name: str(field.type) for field in pq.read_schema(path)} if path.is_file() else {}
        return [
            {"type": COLUMN_TYPES.get(types.get(name, "double"), "datetime"), "name": name} for name in frame.columns
        ]


def sendable(metrics: Mapping[str, float], step: int | None) -> dict[str, float]:
    """Return metrics as floats; raise TrackingError for a name or a value that MLflow does not keep."""
    for name in metrics:
        if not METRIC_NAME.fullmatch(name):
            raise TrackingError(f"metric name {name!r} is not allowed; use letters, digits and any of `_ - . : /`.")
    return checked(metrics, step)


def short_texts(kind: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts by key; of one that MLflow would cut, its beginning and where it is whole."""
    return {key: shortened(kind, key, text, LIMITS[kind]) for key, text in texts.items()}


def _batches(entries: list[Any], size: int = BATCH) -> Iterator[list[Any]]:
    rest = iter(entries)
    while batch := list(islice(rest, size)):
        yield batch


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
