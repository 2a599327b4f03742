"""A run as it is wherever it lies: what it measured, from what, when and with which files; its hash is equal in every store.

What a store adds for itself is left out: its own id of a copy, how it tells types and finals, which process opened the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitwall.domain.ports import Measured, RunReader, RunRecord
from pitwall.domain.records.run_tags import OWN_ID, PROCESS
from pitwall.domain.refs import file_sha256
from pitwall.domain.texts.long_texts import PARAMS, TAGS, file_of, place_of_whole
from pitwall.tracking.canonical import hash_of
from pitwall.tracking.experiments.run import NOT_FINITE
from pitwall.tracking.run_stores.finals import FINALS, finals, history
from pitwall.tracking.run_stores.instants import milliseconds
from pitwall.tracking.run_stores.values import TEXT_PARAMS, json_tag, params_of, tag_of
from pitwall.tracking.run_stores.words import WORDS

OF_THE_STORE = {OWN_ID, PROCESS, TEXT_PARAMS, FINALS, NOT_FINITE, "pitwall.manifest"}


@dataclass(frozen=True)
class WholeRun:
    """A run.

    Attributes:
        own_id: where it began.
        experiment: as its store calls it.
        name: of the run.
        status: running, scheduled, completed, failed or killed.
        started: in milliseconds since 1970 (UTC), as every instant here.
        ended: None while it is open.
        parent: own id of the run that it is nested in.
        description: the text of its page.
        tags: those that its store does not need for itself.
        params: with their types.
        metrics: every number of each.
        not_finite: {metric: count, first and last step} of values that were no finite numbers.
        datasets: (name, digest) of each input.
        files: {path: a copy on this machine} of its artifacts.
    """

    own_id: str
    experiment: str
    name: str
    status: str
    started: int
    ended: int | None = None
    parent: str | None = None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, tuple[Measured, ...]] = field(default_factory=dict)
    not_finite: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    datasets: tuple[tuple[str, str], ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells a run from every other: experiment, own id, when it began."""
        return self.experiment, self.own_id, self.started

    def canonical(self) -> dict[str, Any]:
        """Return the run as plain data in one order, its files as their hashes."""
        return {
            "own_id": self.own_id,
            "experiment": self.experiment,
            "name": self.name,
            "status": self.status,
            "started": self.started,
            "ended": self.ended,
            "parent": self.parent,
            "description": self.description,
            "tags": dict(self.tags),
            "params": dict(self.params),
            "metrics": {name: _in_order(numbers) for name, numbers in self.metrics.items()},
            "not_finite": {name: dict(counts) for name, counts in self.not_finite.items()},
            "datasets": sorted(list(pair) for pair in set(self.datasets)),
            "files": {
                path: {"sha256": file_sha256(file), "bytes": file.stat().st_size} for path, file in self.files.items()
            },
        }

    def hash(self) -> str:
        """Return the hash of the run, equal wherever it lies."""
        return hash_of(self.canonical())


def _in_order(numbers: tuple[Measured, ...]) -> list[list[Any]]:
    """Return [step or None, value, instant] of each number, each once: who logs the same again says nothing new."""
    rows = {(None if each.final else each.step, float(each.value), each.at) for each in numbers}
    return [list(row) for row in sorted(rows, key=lambda row: (row[0] is not None, row[0] or 0, row[2], row[1]))]


def whole_runs(reader: RunReader, records: Sequence[RunRecord] | None = None) -> Iterator[WholeRun]:
    """Yield runs of a store, each before those nested in it.

    Args:
        reader: of the store.
        records: the runs, in order; all of the store, oldest first, when None.
    """
    for record in reader.all()[::-1] if records is None else records:
        yield from _with_nested(reader, record, None)


def whole_run(reader: RunReader, record: RunRecord, parent: str | None = None) -> WholeRun:
    """Return one run of a store; `parent` is the own id of the run that it is nested in."""
    told = finals(reader, record)
    numbers = {name: history(reader, record, name, told) for name in sorted(record.metrics)}
    kept = {key: tag_of(reader, record, key) for key in record.tags if _travels(key)}
    return WholeRun(
        own_id=own_id(record),
        experiment=record.experiment,
        name=record.name,
        status=WORDS[record.status],
        started=milliseconds(record.started),
        ended=milliseconds(record.ended) if record.ended else None,
        parent=parent,
        description=reader.page(record.run_id),
        tags=kept,
        params=params_of(reader, record),
        metrics={name: tuple(filter(_is_finite, each)) for name, each in numbers.items() if any(map(_is_finite, each))},
        not_finite={**_not_finite(numbers), **json_tag(reader, record, NOT_FINITE, {})},
        datasets=record.datasets,
        files=dict(_files(reader, record)),
    )


def own_id(record: RunRecord) -> str:
    """Return the id that a run was given where it began."""
    return record.tags.get(OWN_ID, record.run_id)


def _with_nested(reader: RunReader, record: RunRecord, parent: str | None) -> Iterator[WholeRun]:
    yield whole_run(reader, record, parent)
    for inner in reader.nested(record.run_id):
        yield from _with_nested(reader, inner, own_id(record))


def _not_finite(metrics: Mapping[str, Sequence[Measured]]) -> dict[str, dict[str, int]]:
    """Return {metric: count, first and last step} of values that are no finite numbers, which other clients log as they are."""
    found = {name: [each.step for each in numbers if not _is_finite(each)] for name, numbers in metrics.items()}
    return {name: {"count": len(at), "first": at[0], "last": at[-1]} for name, at in found.items() if at}


def _is_finite(number: Measured) -> bool:
    return math.isfinite(number.value)


def _travels(key: str) -> bool:
    return key not in OF_THE_STORE and not key.startswith("mlflow.")


def _files(reader: RunReader, record: RunRecord) -> Iterator[tuple[str, Path]]:
    """Yield the artifacts but those that keep a long text, which is where it belongs already."""
    texts = {PARAMS: record.params, TAGS: record.tags}
    whole = {
        file_of(kind, key) for kind, found in texts.items() for key in found if place_of_whole(kind, key, found[key])
    }
    for path in reader.artifacts(record.run_id):
        if path not in whole and (file := reader.file(record.run_id, path)) is not None:
            yield path, file
