"""Copy whole runs into a store, once: a copy says in a tag whose it is, is read back, and is compared with the run that it was made from.

Begun copies are completed when the same is done again, so that a kill in between loses nothing and doubles nothing.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import Measured, RunRecord
from pitwall.domain.records.run_tags import OWN_ID, PROCESS
from pitwall.domain.refs import FrameRef
from pitwall.tracking.canonical import changes
from pitwall.tracking.experiments.run import NOT_FINITE
from pitwall.tracking.experiments.writer import RunWriter
from pitwall.tracking.run_stores.instants import milliseconds
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.run_stores.words import ENDS, STATUS
from pitwall.tracking.transfer.whole_run import WholeRun, own_id, whole_run

ELSEWHERE = "elsewhere"  # whose process a copy is: not ours, which will be gone while the run may go on
Key = tuple[str, str, int]


@dataclass
class Copied:
    """What became of runs, by own id.

    Attributes:
        made: copied, and equal when read back.
        known: there already, and equal.
        differing: there, and not equal: {own id: what differs}. Nothing of them was changed.
        refused: {own id: why the store took them not, or not whole}.
    """

    made: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    differing: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def copy_runs(runs: Iterable[WholeRun], into: RunStore, tell: Callable[[], Any] = lambda: None) -> Copied:
    """Copy runs into a store.

    Args:
        runs: each before those that are nested in it.
        into: the store.
        tell: is called after every run.
    """
    there, copied, copies = _there(into), Copied(), dict[str, str]()
    for run in runs:
        try:
            if run.parent is not None and run.parent not in copies:
                raise TrackingError(f"it is nested in run {run.parent}, which was not copied.")
            parent = copies[run.parent] if run.parent is not None else None
            copies[run.own_id] = _one(run, into, parent, there.get(run.key), copied)
        except TrackingError as error:
            copied.refused[run.own_id] = str(error)
        tell()
    return copied


def _one(run: WholeRun, into: RunStore, parent: str | None, before: str | None, copied: Copied) -> str:
    """Copy a run, or complete its copy `before`, and return the copy's id."""
    if before is not None:
        unlike = _unlike(run, into, before)
        if not unlike:
            copied.known.append(run.own_id)
            return before
        if into.reader.read(before).status != STATUS["running"]:
            copied.differing[run.own_id] = unlike
            return before
    run_id = before or _begun(run, into, parent)
    _fill(run, RunWriter(into, run_id, fresh=before is None), into)
    if unlike := _unlike(run, into, run_id):
        copied.refused[run.own_id] = f"its copy {run_id} is not equal: {'; '.join(unlike)}"
    else:
        copied.made.append(run.own_id)
    return run_id


def _begun(run: WholeRun, into: RunStore, parent: str | None) -> str:
    if run.status not in {"running", *ENDS}:
        raise TrackingError(f"run {run.own_id} is {run.status}: it has not begun, so there is nothing to copy.")
    process = {} if into.keeps_types else {PROCESS: ELSEWHERE}
    return into.tracker.start(
        run.experiment, run.name, {**run.tags, OWN_ID: run.own_id, **process}, parent, run.started
    )


def _fill(run: WholeRun, writer: RunWriter, into: RunStore) -> None:
    """Write what a run has into its copy; what is there already is the same, or was written again in vain."""
    tracker, run_id = into.tracker, writer.run_id
    if run.description:
        tracker.note(run_id, run.description)
    if run.params:
        writer.params(run.params)
    there = _numbers(whole_run(into.reader, into.reader.read(run_id)).metrics) if writer.known.values else set()
    fresh = sorted(_numbers(run.metrics) - there, key=lambda each: (each[0], each[1] is not None, each[1] or 0))
    for (at, step), numbers in groupby(fresh, key=lambda each: (each[0], each[1])):
        for these in _each_name_once([(name, value) for _, _, name, value in numbers]):
            writer.metrics(these, step, at)
    if run.not_finite:
        tracker.tag(run_id, {NOT_FINITE: json.dumps(run.not_finite, sort_keys=True)})
    for name, digest in run.datasets:
        if (name, digest) not in into.reader.read(run_id).datasets:
            tracker.dataset(run_id, FrameRef(name, "", digest, 0, ()), "copied")
    _copy_files(run, run_id, into)
    if run.status in ENDS:
        tracker.finish(run_id, ENDS[run.status], run.ended)


def _copy_files(run: WholeRun, run_id: str, into: RunStore) -> None:
    """Log all files at once, below the paths that they had; links cost nothing where the disk knows them."""
    if not run.files:
        return
    with tempfile.TemporaryDirectory() as folder:
        for path, file in run.files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        into.tracker.files(run_id, Path(folder))


def _unlike(run: WholeRun, into: RunStore, run_id: str) -> list[str]:
    """Return the fields in which a copy is not the run."""
    copy = whole_run(into.reader, into.reader.read(run_id), run.parent)
    if copy.hash() == run.hash():
        return []
    return [change.field for change in changes(run.canonical(), copy.canonical())]


def _there(into: RunStore) -> dict[Key, str]:
    """Return the runs that a store has, nested ones too, by what tells them from every other."""

    def each(records: Iterable[RunRecord]) -> Iterable[tuple[Key, str]]:
        for record in records:
            yield (record.experiment, own_id(record), milliseconds(record.started)), record.run_id
            yield from each(into.reader.nested(record.run_id))

    return dict(each(into.reader.all()))


def _numbers(metrics: Mapping[str, tuple[Measured, ...]]) -> set[tuple[int, int | None, str, float]]:
    return {
        (each.at, None if each.final else each.step, name, float(each.value))
        for name, numbers in metrics.items()
        for each in numbers
    }


def _each_name_once(pairs: list[tuple[str, float]]) -> Iterable[dict[str, float]]:
    """Yield the pairs as mappings; of several numbers of a metric at one step and instant each has its own."""
    while pairs:
        these = dict(pairs)
        yield these
        pairs = [pair for pair in pairs if these[pair[0]] != pair[1]]
