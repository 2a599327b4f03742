"""Runs as a table: the best one first, how far the others are from it, what it cost, and the parameters in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunReader, RunRecord
from pitwall.tracking.comparison.main_metrics import main_metrics
from pitwall.tracking.comparison.named import known_names, named
from pitwall.tracking.comparison.reached import Which, reached
from pitwall.tracking.early_stopping.direction import Mode, mode_of

SECONDS, MEMORY = "resources.seconds", "resources.peak_memory_mb"


@dataclass(frozen=True)
class Question:
    """How runs are compared.

    Attributes:
        metrics: by name or beginning; the first one decides. Without any, those of `main_metrics`.
        mode: `min` or `max` of the first metric; without it, as its name says.
        which: value of each run counts.
        step: the value at this step counts instead.
        top: so many of the best; all when None.
    """

    metrics: Sequence[str] = ()
    mode: str | None = None
    which: Which = "last"
    step: int | None = None
    top: int | None = None


@dataclass(frozen=True)
class Compared:
    """One run in a comparison.

    Attributes:
        record: the run.
        values: of the metrics that are shown, None where it has none.
        delta: of the first metric to the best run's; None where it has no value.
        best: whether it is the best; equals share it.
    """

    record: RunRecord
    values: Mapping[str, float | None]
    delta: float | None
    best: bool

    @property
    def seconds(self) -> float | None:
        """What the training took: measured, or from its start to its end."""
        return self.record.metrics.get(SECONDS, duration(self.record))

    @property
    def memory(self) -> float | None:
        """Its largest memory in MB, where it was measured."""
        return self.record.metrics.get(MEMORY)

    def row(self) -> dict[str, Any]:
        """Return the run as JSON."""
        own = {key: getattr(self.record, key) for key in ("run_id", "name", "status", "experiment")}
        costs = {"seconds": self.seconds, "memory_mb": self.memory}
        seen = {"metrics": dict(self.values), "params": dict(self.record.params)}
        return {**own, "best": self.best, "delta": self.delta, **seen, **costs}


@dataclass(frozen=True)
class Comparison:
    """Runs beside each other, the best first, those without a value last.

    Attributes:
        metric: that decides; empty where there is none.
        mode: whether less (`min`) or more is better.
        value: which one of each run, in words.
        metrics: that are shown.
        rows: of the runs.
        differing: the parameters in which they differ, sorted.
        same: those that all have alike.
    """

    metric: str
    mode: Mode
    value: str
    metrics: tuple[str, ...]
    rows: tuple[Compared, ...]
    differing: tuple[str, ...] = field(default=())
    same: tuple[str, ...] = field(default=())

    @property
    def best(self) -> Compared | None:
        """The best run; None where none has a value."""
        return self.rows[0] if self.rows and self.rows[0].best else None

    def row(self) -> dict[str, Any]:
        """Return the comparison as JSON."""
        own = {"metric": self.metric, "mode": self.mode, "value": self.value}
        params = {"differing": list(self.differing), "same": list(self.same)}
        return {**own, **params, "runs": [each.row() for each in self.rows]}


def compare(runs: RunReader, records: Sequence[RunRecord], question: Question) -> Comparison:
    """Compare runs.

    Args:
        runs: the run store, asked for histories where last values do not say it.
        records: the runs.
        question: how.

    Raises:
        UnknownName: no run has such a metric.
        UsageError: the name does not say which way is better, or there is no run.
    """
    if not records:
        raise UsageError("there are no runs to compare; `pitwall exp list` shows which there are.")
    metrics = [named("metric", each, records) for each in question.metrics] or main_metrics(records)
    if not metrics:
        return _without_metric(records, question)
    mode = mode_of(metrics[0], question.mode)
    values = {
        name: _values(runs, records, name, question, mode if name == metrics[0] else _own_mode(name))
        for name in metrics
    }
    first = values[metrics[0]]
    sign = 1 if mode == "min" else -1
    ordered = sorted(
        records,
        key=lambda record: (
            record.run_id not in first,
            sign * first.get(record.run_id, 0.0),
            record.started,
            record.run_id,
        ),
    )
    best = first.get(ordered[0].run_id)
    rows = [_compared(record, values, first.get(record.run_id), best) for record in ordered[: question.top]]
    value = f"at step {question.step}" if question.step is not None else f"{question.which} value"
    return Comparison(metrics[0], mode, value, tuple(metrics), tuple(rows), *_parameters(rows))


def duration(record: RunRecord) -> float | None:
    """Return the seconds from a run's start to its end; None of one that is open."""
    if not record.started or not record.ended:
        return None
    return (datetime.fromisoformat(record.ended) - datetime.fromisoformat(record.started)).total_seconds()


def _values(
    runs: RunReader, records: Sequence[RunRecord], name: str, question: Question, mode: Mode | None
) -> dict[str, float]:
    """Return what the runs reached in a metric; where nobody knows which way is better, the last value stands for the best one."""
    which = "last" if mode is None and question.which == "best" else question.which
    return reached(runs, records, name, mode or "min", which=which, step=question.step)


def _own_mode(name: str) -> Mode | None:
    try:
        return mode_of(name)
    except UsageError:
        return None


def _compared(
    record: RunRecord, values: Mapping[str, Mapping[str, float]], own: float | None, best: float | None
) -> Compared:
    seen = {name: found.get(record.run_id) for name, found in values.items()}
    delta = None if own is None or best is None else own - best
    return Compared(record, seen, delta, own is not None and own == best)


def _without_metric(records: Sequence[RunRecord], question: Question) -> Comparison:
    rows = [Compared(record, {}, None, False) for record in records[: question.top]]
    return Comparison("", "min", "", (), tuple(rows), *_parameters(rows))


def _parameters(rows: Sequence[Compared]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parameters in which runs differ, one that some lack too, and those that all have alike."""
    records = [row.record for row in rows]
    differing: list[str] = []
    same: list[str] = []
    for name in known_names("parameter", records):
        (differing if len({record.params.get(name) for record in records}) > 1 else same).append(name)
    return tuple(differing), tuple(same)
