"""The reading side of a folder of runs (`ports.RunReader`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.ports import Measured, RunRecord
from pitwall.domain.texts.param_texts import text_of
from pitwall.tracking.json_runs.folder import ARTIFACTS, METRICS, PARAMS, Folder, read_json
from pitwall.tracking.run_stores.instants import milliseconds
from pitwall.tracking.run_stores.values import TEXT_PARAMS, ambiguous
from pitwall.tracking.run_stores.words import STATUS

BESIDE = "artifacts.json"  # what the artifacts are: of a run, beside its parameters and metrics


class JsonReader:
    """Answers about the runs of a folder.

    Args:
        base_dir: the folder.
    """

    def __init__(self, base_dir: str | Path) -> None:
        self.folder = Folder(Path(base_dir))

    def find(self, prefix: str) -> list[str]:
        """Return the ids of the runs whose id begins so, or the one that is called just so: run_100 is not run_1000."""
        ids = [entry["run_id"] for entry in self.folder.entries() if not entry.get("archived")]
        return [prefix] if prefix in ids else [run_id for run_id in ids if prefix and run_id.startswith(prefix)]

    def read(self, run_id: str) -> RunRecord:
        """Return a run by its whole id; raise UnknownName if there is none."""
        return self._record(self.entry(run_id))

    def entry(self, run_id: str) -> dict[str, Any]:
        """Return a run's entry of the index, with the folder where the run is now; raise UnknownName if there is none."""
        entry = entry_of(self.folder.entries(), run_id)
        return {**entry, "run_dir": self.folder.run(run_id).as_posix()}

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return every run, or those of one experiment, that are not nested in another or archived, the newest first."""
        return [self._record(entry) for entry in self._listed() if experiment in (None, entry["experiment_name"])]

    def counts(self) -> dict[str, int]:
        """Return how many `experiments_created` and `runs_logged` there are."""
        records = self.all()
        return {"experiments_created": len({each.experiment for each in records}), "runs_logged": len(records)}

    def link(self, run_id: str) -> str:
        """Return the address of the run's folder."""
        return self.home(run_id)

    def nested(self, run_id: str) -> list[RunRecord]:
        """Return the runs nested in a run, oldest first."""
        inner = [e for e in self.folder.entries() if e.get("parent") == run_id and not e.get("archived")]
        return [self._record(entry) for entry in inner]

    def names(self, experiment: str) -> set[str]:
        """Return the names of the runs of an experiment that are not nested."""
        return {_name(entry) for entry in self._listed() if entry["experiment_name"] == experiment}

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of each time that a metric was logged, in the order of the steps."""
        return [(each.step, each.value) for each in self.measured(run_id, metric)]

    def histories(self, run_ids: Sequence[str], metric: str) -> dict[str, list[tuple[int, float]]]:
        """Return the histories of many runs."""
        return {run_id: self.history(run_id, metric) for run_id in run_ids}

    def measured(self, run_id: str, metric: str) -> list[Measured]:
        """Return each number of a metric with its instant, in the order of the steps; a final has step 0."""
        found = [
            Measured(each["step"] or 0, each["value"], milliseconds(each["timestamp"]), each["step"] is None)
            for each in self.metrics_of(run_id).get(metric, [])
        ]
        return sorted(found, key=lambda each: (each.step, each.at))

    def params_of(self, run_id: str) -> dict[str, Any]:
        """Return the parameters of a run as they were given."""
        return dict(read_json(self.folder.run(run_id) / PARAMS, {}))

    def metrics_of(self, run_id: str) -> dict[str, list[dict[str, Any]]]:
        """Return {metric: [{step, value, timestamp}]} of a run, as they came."""
        return dict(read_json(self.folder.run(run_id) / METRICS, {}))

    def page(self, run_id: str) -> str:
        """Return the run's description."""
        return str(self.entry(run_id)["description"])

    def artifacts(self, run_id: str) -> list[str]:
        """Return the paths of a run's artifacts, sorted."""
        base = self.folder.run(run_id) / ARTIFACTS
        beside = [BESIDE] if self.place(run_id, BESIDE).is_file() else []
        return sorted([*beside, *(each.relative_to(base).as_posix() for each in base.rglob("*") if each.is_file())])

    def file(self, run_id: str, path: str) -> Path | None:
        """Return an artifact, or None if the run has none there."""
        found = self.place(run_id, path)
        return found if found.is_file() else None

    def held(self, run_id: str) -> AbstractContextManager[Mapping[str, Path]]:
        """Give the files of a run where they lie."""
        return nullcontext({path: self.place(run_id, path) for path in self.artifacts(run_id)})

    def home(self, run_id: str) -> str:
        """Return the folder that holds the run, its artifacts below `artifacts/`."""
        return str(self.entry(run_id)["run_dir"])

    def archived(self, experiment: str | None = None) -> list[RunRecord]:
        """Return the archived runs, or those of one experiment, that are not nested in another, the newest first."""
        hidden = [e for e in self.folder.entries()[::-1] if e.get("archived") and not e.get("parent")]
        return [self._record(entry) for entry in hidden if experiment in (None, entry["experiment_name"])]

    def _listed(self) -> list[dict[str, Any]]:
        return [e for e in self.folder.entries()[::-1] if not e.get("parent") and not e.get("archived")]

    def place(self, run_id: str, path: str) -> Path:
        """Return where an artifact lies; raise TrackingError for a path that leads out of the run."""
        home = self.folder.run(run_id)
        target = home / path if path == BESIDE else home / ARTIFACTS / path
        if not target.resolve().is_relative_to(home.resolve()):
            raise TrackingError(f"the artifact path {path!r} leads out of run {run_id}.")
        return target

    def _record(self, entry: Mapping[str, Any]) -> RunRecord:
        run_id, params = entry["run_id"], self.params_of(entry["run_id"])
        texts = {TEXT_PARAMS: json.dumps(found)} if (found := sorted(ambiguous(params))) else {}
        last = {name: max(found, key=_order)["value"] for name, found in self.metrics_of(run_id).items() if found}
        return RunRecord(
            run_id,
            _name(entry),
            STATUS[entry["status"]],
            entry["experiment_name"],
            entry.get("parent"),
            entry["created_at"],
            entry["finished_at"] or "",
            {**entry["tags"], **texts},
            {key: text_of(value) for key, value in params.items()},
            last,
            tuple((name, digest) for name, digest, _ in entry.get("datasets", [])),
        )


def entry_of(entries: list[dict[str, Any]], run_id: str) -> dict[str, Any]:
    """Return the entry of a run; raise UnknownName if there is none."""
    for entry in entries:
        if entry["run_id"] == run_id:
            return entry
    raise UnknownName("run", run_id, [entry["run_id"] for entry in entries])


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or entry["run_id"])


def _order(entry: Mapping[str, Any]) -> tuple[int, str, float]:
    """Return what decides which number of a metric is its last one: the step, as in MLflow, then the instant."""
    return (entry["step"] or 0, entry["timestamp"], entry["value"])
