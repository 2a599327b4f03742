"""Runs by their ids: begin one, end it, read it back and list them, many at once, as a program does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.experiments.plain_run import entry, plain_run
from pitwall.tracking.experiments.writer import RunWriter
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.run_stores.words import store_status

SHORTEST = len("run_001")  # of an id


class RunsById:
    """The runs of a store.

    Args:
        project_name: what the experiment is about; without one, `create_run` names the experiment of each run.
        store: keeps the runs.
        tags: of every run, beside those that it is started with.
    """

    def __init__(self, project_name: str | None, store: RunStore, tags: Mapping[str, str] | None = None) -> None:
        self.project_name, self.store = project_name, store
        self._tags = dict(tags or {})
        self._writers: dict[str, RunWriter] = {}

    def create_run(
        self, experiment_name: str | None = None, tags: Mapping[str, Any] | None = None, description: str = ""
    ) -> str:
        """Begin a run of an experiment and return its whole id, which every other call then names first.

        Args:
            experiment_name: of the run; the tracker's own when None.
            tags: of the run.
            description: what is tried.

        Raises:
            UsageError: no experiment is named, and the tracker has none of its own.
        """
        experiment = self.store.named(experiment_name) if experiment_name else self.store.experiment
        if not experiment:
            raise UsageError("a run belongs to an experiment; give create_run(experiment_name) its name.")
        writer = self._begun(experiment, "" if self.store.keeps_types else experiment_name or "run", tags or {})
        if description:
            self.store.tracker.note(writer.run_id, description)
        return writer.run_id

    def finish_run(self, run_id: str, status: str = "completed") -> None:
        """End a run that `create_run` began as completed, failed or killed."""
        word = store_status(status)
        self.store.tracker.finish(self._whole(run_id), word)
        self._writers.pop(run_id, None)

    def get_run(self, run_id: str) -> dict[str, Any]:
        """Return a run as plain data: its entry of `list_runs`, its params, and {metric: [{step, value, timestamp}]}.

        Raises:
            UnknownName: no run is called so; offers the nearest id.
        """
        return plain_run(self.store, self.store.reader.read(self._whole(run_id)))

    def list_runs(self, experiment_name: str | None = None) -> list[dict[str, Any]]:
        """Return run_id, experiment_name, created_at, finished_at, status, tags, description and run_dir of each run, oldest first."""
        return [entry(self.store, record) for record in self.store.records(experiment_name)]

    def _begun(self, experiment: str, name: str, tags: Mapping[str, Any]) -> RunWriter:
        own = {key: str(value) for key, value in tags.items()}
        run_id = self.store.tracker.start(experiment, name, self.store.tagged({**self._tags, **own}))
        writer = self._writers[run_id] = RunWriter(self.store, run_id)
        return writer

    def _named(self, text: Any) -> RunWriter | None:
        run_id = self._known(text)
        return None if run_id is None else self._writer(run_id)

    def _writer(self, run_id: str) -> RunWriter:
        if run_id not in self._writers:
            self._writers[run_id] = RunWriter(self.store, run_id, fresh=False)
        return self._writers[run_id]

    def _known(self, text: Any) -> str | None:
        """Return the whole id of the run that a text names, None where it is no id."""
        if not isinstance(text, str) or len(text) < SHORTEST:
            return None
        return text if text in self._writers else self.store.whole_id(text)

    def _whole(self, text: str) -> str:
        run_id = text if text in self._writers else self.store.whole_id(text)
        if run_id is None:
            raise UnknownName("run", text, [record.run_id for record in self.store.reader.all()])
        return run_id
