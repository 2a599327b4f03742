"""Bring whole runs into a run store, and take them out of it: a folder of JSON files, or one Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.tracking.json_runs import JsonRuns
from pitwall.tracking.json_runs.folder import INDEX
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.transfer import parquet
from pitwall.tracking.transfer.copying import Copied, copy_runs
from pitwall.tracking.transfer.whole_run import WholeRun, whole_runs
from pitwall.workflows.logbook.store import Logbook

PARQUET = ".parquet"
Tell = Callable[[int, int], Any]


def bring(book: Logbook, path: Path, tell: Tell = lambda *_: None) -> Copied:
    """Copy the runs of a folder of JSON files, or of a Parquet file, into a run store.

    Args:
        book: the run store.
        path: what a JsonTracker or `take` wrote.
        tell: is called with (done, all) after every run; nested ones are counted where a store tells how many it has.

    Raises:
        UsageError: there is neither.
        TrackingError: the file is no file of whole runs, or was changed.
    """
    if path.is_file():
        with parquet.reading(path) as runs:
            return copy_runs(runs, _store(book), _counting(tell, parquet.count(path)))
    if not (path / INDEX).is_file():
        raise UsageError(
            f"{path} holds no runs: expected a folder with {INDEX}, as a JsonTracker writes it, or a {PARQUET} file of "
            "`pitwall exp export --records`."
        )
    files = JsonRuns(path)
    return copy_runs(whole_runs(files), _store(book), _counting(tell, len(files.folder.entries())))


def take(book: Logbook, records: Sequence[RunRecord], path: Path, tell: Tell = lambda *_: None) -> Copied:
    """Copy runs with all that they hold into a Parquet file, which is written anew, or into a folder of JSON files, which is added to.

    Args:
        book: the run store.
        records: the runs; those nested in them go with them.
        path: ends with .parquet, or is a folder.
        tell: is called with (done, all) after every run; nested ones are counted where a store tells how many it has.
    """
    runs, told = whole_runs(book.runs, records[::-1]), _counting(tell, len(records))
    if path.suffix != PARQUET:
        files = JsonRuns(path)
        return copy_runs(runs, RunStore(files, files, keeps_types=True), told)
    hashes: dict[str, str] = {}
    parquet.write(_counted(runs, hashes, told), path)
    with parquet.reading(path) as back:
        unlike = [run.own_id for run in back if hashes[run.own_id] != run.hash()]
    return Copied(
        [own for own in hashes if own not in unlike],
        refused=dict.fromkeys(unlike, "it is not equal when it is read back"),
    )


def _store(book: Logbook) -> RunStore:
    return RunStore(book.tracker, book.runs, keeps_types=book.workspace is None)


def _counting(tell: Tell, total: int) -> Callable[[], None]:
    done = count(1)
    return lambda: tell(next(done), total)


def _counted(runs: Iterator[WholeRun], hashes: dict[str, str], tell: Callable[[], None]) -> Iterator[WholeRun]:
    for run in runs:
        hashes[run.own_id] = run.hash()
        yield run
        tell()
