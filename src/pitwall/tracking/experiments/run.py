"""A run as a mapping, in the words of notebooks; the histories of its metrics are fetched when they are looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.tracking.experiments.artifacts import INDEX
from pitwall.tracking.experiments.models import logged_model
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.run_stores.values import json_tag, params_of
from pitwall.tracking.run_stores.words import WORDS

SHORT, HASH = 8, 32
NOT_FINITE = "pitwall.not_finite_metrics"
INNER = ("mlflow.", "pitwall.", "git.", "manifest.")
FIELDS = (
    "run_id", "name", "status", "start_time", "end_time", "duration", "params", "metrics", "metric_history", "artifacts", "tags",
    "not_finite",
)  # fmt: skip


class Run(Mapping[str, Any]):
    """One run.

    Keys: `run_id` (8 characters), `name`, `status` (running, completed, failed, killed), `start_time` and `end_time` (UTC), `duration`
    in seconds, `params`, `metrics` (the last finite value of each), `metric_history` ({metric: [(step, value), ...]}, finite values),
    `artifacts` ({name: type, size in bytes, sha256, media_type, path, logged_at}), `tags` (one's own), `not_finite` ({metric: count,
    first and last step} of values that were no finite numbers).

    Args:
        record: the run as its store has it.
        store: to ask for histories and artifacts.
        short: show 8 characters of its id.
    """

    def __init__(self, record: RunRecord, store: RunStore, *, short: bool = True) -> None:
        self.record, self._store, self._short = record, store, short

    def __getitem__(self, key: str) -> Any:
        if key not in FIELDS:
            raise KeyError(f"a run has no {key!r}; it has {', '.join(FIELDS)}")
        return getattr(self, f"_{key}")

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)

    def __repr__(self) -> str:
        return f"Run({self._run_id} {self._name!r}, {self._status}, {self._metrics})"

    def load_model(self, name: str = "model", into: Any = None) -> Any:
        """Return a model that was logged to the run.

        Args:
            name: that it was logged under.
            into: a network of PyTorch whose parameters are set; without one, they are returned as {name: tensor}.

        Raises:
            UnknownName: the run has no model of that name; names those that it has.
            TrackingError: a file of it is not what was written.
        """
        return logged_model(self._store.reader, self.record.run_id, name, into)

    @property
    def _run_id(self) -> str:
        return short(self.record.run_id) if self._short else self.record.run_id

    @property
    def _name(self) -> str:
        return self.record.name

    @property
    def _status(self) -> str:
        return WORDS.get(self.record.status, self.record.status)

    @property
    def _start_time(self) -> datetime | None:
        return _instant(self.record.started)

    @property
    def _end_time(self) -> datetime | None:
        return _instant(self.record.ended)

    @property
    def _duration(self) -> float | None:
        start, end = self._start_time, self._end_time
        return (end - start).total_seconds() if start and end else None

    @property
    def _params(self) -> dict[str, Any]:
        return params_of(self._store.reader, self.record)

    @property
    def _metrics(self) -> dict[str, float]:
        return dict(self.record.metrics)

    @cached_property
    def _metric_history(self) -> dict[str, list[tuple[int, float]]]:
        return {name: self._store.reader.history(self.record.run_id, name) for name in sorted(self.record.metrics)}

    @cached_property
    def _artifacts(self) -> dict[str, dict[str, Any]]:
        kept = self._store.reader.file(self.record.run_id, INDEX)
        return dict(json.loads(kept.read_text(encoding="utf-8"))) if kept else {}

    @property
    def _tags(self) -> dict[str, str]:
        return own_tags(self.record.tags)

    @property
    def _not_finite(self) -> dict[str, dict[str, int]]:
        return dict(json_tag(self._store.reader, self.record, NOT_FINITE, {}))


class Runs(Mapping[str, Run]):
    """The runs of an experiment by id or the beginning of one, as they are in the store now."""

    def __init__(self, store: RunStore) -> None:
        self._found = {record.run_id: Run(record, store) for record in store.records()}

    def __getitem__(self, run_id: str) -> Run:
        found = [run for whole, run in self._found.items() if run_id and whole.startswith(run_id)]
        if len(found) > 1:
            raise UsageError(f"{len(found)} runs begin with {run_id!r}; give more of the id.")
        if not found:
            raise KeyError(f"no run begins with {run_id!r}")
        return found[0]

    def __iter__(self) -> Iterator[str]:
        return iter(short(whole) for whole in self._found)

    def __len__(self) -> int:
        return len(self._found)


def short(run_id: str) -> str:
    """Return as much of an id as people need: 8 characters of a hash, all of a number."""
    return run_id[:SHORT] if len(run_id) >= HASH else run_id


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return those tags of a run that are somebody's own, and not what stores and tools note."""
    return {key: value for key, value in tags.items() if not key.startswith(INNER)}


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
