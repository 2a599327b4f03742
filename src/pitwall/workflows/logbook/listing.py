"""What a run kept, in full: parameters, the course of each metric, artifacts; and its manifest where it has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.tracking.comparison.table import duration
from pitwall.tracking.early_stopping.direction import mode_of
from pitwall.tracking.manifest import FILE, FOLDER, RunManifest, load
from pitwall.workflows.logbook.store import Logbook


@dataclass(frozen=True)
class MetricCourse:
    """A metric of a run: its last value, the best one (None where the name does not say which way is better), how many steps."""

    name: str
    last: float
    best: float | None
    steps: int


@dataclass(frozen=True)
class RunContents:
    """Everything that a run kept.

    Attributes:
        record: the run.
        metrics: the course of each, by name.
        artifacts: paths, sorted.
        manifest: None where the run has none.
    """

    record: RunRecord
    metrics: tuple[MetricCourse, ...]
    artifacts: tuple[str, ...]
    manifest: RunManifest | None

    def row(self) -> dict[str, Any]:
        """Return it as JSON: the manifest's sections where there is one, and `run`."""
        own = {key: getattr(self.record, key) for key in ("run_id", "name", "status", "experiment", "started", "ended")}
        course = {each.name: {"last": each.last, "best": each.best, "steps": each.steps} for each in self.metrics}
        kept = {"params": dict(self.record.params), "metrics": course, "artifacts": list(self.artifacts)}
        run = {**own, "duration_s": duration(self.record), "tags": dict(self.record.tags), **kept}
        return {**(self.manifest.to_dict() if self.manifest else {}), "run": run}


def contents(book: Logbook, text: str) -> RunContents:
    """Return what the run that a text names kept.

    Raises:
        UnknownName: nothing is called so.
    """
    record = book.run(text)
    path = book.runs.file(record.run_id, f"{FOLDER}/{FILE}")
    artifacts = tuple(book.runs.artifacts(record.run_id))
    return RunContents(record, tuple(_courses(book, record)), artifacts, load(path) if path else None)


def _courses(book: Logbook, record: RunRecord) -> Iterator[MetricCourse]:
    for name in sorted(record.metrics):
        history = [value for _, value in book.runs.history(record.run_id, name)]
        last = record.metrics[name]
        yield MetricCourse(name, last, _best(name, history or [last]), len(history))


def _best(name: str, values: list[float]) -> float | None:
    try:
        return min(values) if mode_of(name) == "min" else max(values)
    except UsageError:
        return None
