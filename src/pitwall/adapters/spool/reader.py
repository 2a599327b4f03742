"""Runs read back while some of what they logged waits (`ports.RunReader`): the store's record with the journal on top of it.

While the store is away only journals answer; a run that began in the store has then no more than what it logged since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pitwall.adapters.mlflow.reading.bulk import PARENT
from pitwall.adapters.mlflow.tracker import NOTE
from pitwall.adapters.spool.away import is_away
from pitwall.adapters.spool.journal import Journal, Line, Spool
from pitwall.domain.errors import UnknownName
from pitwall.domain.ports import Measured, RunReader, RunRecord
from pitwall.domain.project import Project

T = TypeVar("T")
SINCE = "(in the store, which is away)"


class SpooledRuns:
    """The runs of a store and, on top of it, of a project's journals.

    Args:
        inner: the reading side of the store.
        project: whose journals they are.
    """

    def __init__(self, inner: RunReader, project: Project) -> None:
        self._inner, self._spool = inner, Spool(project)

    def find(self, prefix: str) -> list[str]:
        """Return the ids of the runs whose id begins so; of one that was sent, the id that it has in the store."""
        here = [run_id for run_id in self._spool.ids() if prefix and run_id.startswith(prefix)]
        sent = [run for own, run in self._spool.synced().items() if prefix and own.startswith(prefix)]
        hidden = {self._spool.store_id(run_id) for run_id in self._spool.ids()}
        there: list[str] = self._asked(lambda: self._inner.find(prefix), [])
        return list(dict.fromkeys([*here, *sent, *(run for run in there if run not in hidden)]))

    def read(self, run_id: str) -> RunRecord:
        """Return a run by its whole id; raise UnknownName if there is none."""
        if self._spool.holds(run_id):
            return self._merged(self._spool.journal(run_id))
        return self._inner.read(self._in_store(run_id))

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return every run, or those of one experiment, that are not nested in another, the newest first."""
        held = {self._spool.store_id(run_id) or run_id: run_id for run_id in self._spool.ids()}
        there: list[RunRecord] = self._asked(lambda: self._inner.all(experiment), [])
        here = [self.read(run_id) for run_id in held.values()]
        mine = [record for record in here if record.parent is None and experiment in (None, record.experiment)]
        records = [*mine, *(record for record in there if record.run_id not in held)]
        return sorted(records, key=lambda record: record.started, reverse=True)

    def counts(self) -> dict[str, int]:
        """Return what the store counts; runs that wait are not in it yet."""
        return self._asked(self._inner.counts, {})

    def link(self, run_id: str) -> str:
        """Return where a browser shows the run; empty while it waits."""
        return self._of_store(run_id, self._inner.link, "")

    def nested(self, run_id: str) -> list[RunRecord]:
        """Return the runs nested in a run, oldest first: those that wait, and those that the store has."""
        held = {self._spool.store_id(own) or own: own for own in self._spool.ids()}
        there: list[RunRecord] = self._of_store(run_id, self._inner.nested, [])
        above = {run_id, self._spool.store_id(run_id) or run_id}
        here = [record for record in map(self.read, held.values()) if record.parent in above]
        return sorted([*here, *(each for each in there if each.run_id not in held)], key=lambda each: each.started)

    def names(self, experiment: str) -> set[str]:
        """Return the names of the runs of an experiment that are not nested."""
        there: set[str] = self._asked(lambda: self._inner.names(experiment), set())
        here = (self.read(run_id) for run_id in self._spool.ids())
        return there | {record.name for record in here if record.experiment == experiment and record.parent is None}

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of a metric, in the order of the steps."""
        return [(each.step, each.value) for each in self.measured(run_id, metric)]

    def measured(self, run_id: str, metric: str) -> list[Measured]:
        """Return each number of a metric with its instant; one that was sent and still stands in the journal counts once."""
        here = {each for line in self._waiting(run_id) for name, each in _numbers(line) if name == metric}
        there: list[Measured] = self._of_store(run_id, lambda store: self._inner.measured(store, metric), [])
        return sorted({*here, *there}, key=lambda each: (each.step, each.at))

    def histories(self, run_ids: Sequence[str], metric: str) -> dict[str, list[tuple[int, float]]]:
        """Return what `history` returns for many runs; those that wait are asked one by one."""
        held = [run_id for run_id in run_ids if self._spool.holds(run_id)]
        there = {self._in_store(run_id): run_id for run_id in run_ids if run_id not in held}
        asked: dict[str, list[tuple[int, float]]] = self._inner.histories(list(there), metric) if there else {}
        found = {there[store]: history for store, history in asked.items()}
        return {run_id: found[run_id] if run_id in found else self.history(run_id, metric) for run_id in run_ids}

    def page(self, run_id: str) -> str:
        """Return the text that the run's page opens with; empty where there is none."""
        for line in reversed(self._waiting(run_id)):
            if line["call"] == "note":
                return str(line["markdown"])
        return self._of_store(run_id, self._inner.page, "")

    def home(self, run_id: str) -> str:
        """Return the folder that holds the run, that of its journal while the store does not answer."""
        return self._of_store(run_id, self._inner.home, str(self._spool.folder / run_id))

    def artifacts(self, run_id: str) -> list[str]:
        """Return the paths of a run's artifacts, sorted."""
        there: list[str] = self._of_store(run_id, self._inner.artifacts, [])
        return sorted({*there, *self._copies(run_id)})

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a local copy of an artifact, the newest, or None if the run has none there."""
        copies = self._copies(run_id)
        return copies[path] if path in copies else self._of_store(run_id, lambda s: self._inner.file(s, path), None)

    @contextmanager
    def held(self, run_id: str) -> Iterator[Mapping[str, Path]]:
        """Give {path: file} of all that a run holds in the store, as far as that answers, and of the copies that wait."""
        nothing: Mapping[str, Path] = {}
        with ExitStack() as stack:
            there = self._of_store(run_id, lambda store: stack.enter_context(self._inner.held(store)), nothing)
            yield {**there, **self._copies(run_id)}

    def _merged(self, journal: Journal) -> RunRecord:
        unknown = RunRecord(journal.run_id, SINCE, "RUNNING", SINCE)
        record = self._of_store(journal.run_id, self._inner.read, unknown)
        for line in journal.lines():
            record = _with(record, line)
        finals = {name: self.measured(journal.run_id, name)[-1].value for name in record.metrics}
        return replace(record, run_id=journal.run_id, metrics=finals)

    def _copies(self, run_id: str) -> dict[str, Path]:
        """Return {path among the run's artifacts: copy here}."""
        found: dict[str, Path] = {}
        for line in self._waiting(run_id):
            if line["call"] == "files":
                place = self._spool.journal(run_id).folder / line["copy"]
                below = f"{line['folder']}/" if line["folder"] else ""
                files = [place] if place.is_file() else [each for each in place.rglob("*") if each.is_file()]
                base = place.parent if place.is_file() else place
                found |= {f"{below}{each.relative_to(base).as_posix()}": each for each in files}
        return found

    def _waiting(self, run_id: str) -> list[Line]:
        return self._spool.journal(run_id).lines()

    def _of_store(self, run_id: str, question: Callable[[str], T], otherwise: T) -> T:
        """Ask the store about a run; of one that has a journal here, the answer may be missing."""
        if not self._spool.holds(run_id):
            return question(self._in_store(run_id))
        store = self._spool.store_id(run_id)
        return otherwise if store is None else self._asked(lambda: question(store), otherwise)

    def _in_store(self, run_id: str) -> str:
        found = self._spool.store_id(run_id)
        if found is None:
            raise UnknownName("run", run_id, [*self._spool.ids(), *self._spool.synced()])
        return found

    def _asked(self, question: Callable[[], T], otherwise: T) -> T:
        try:
            return question()
        except Exception as error:
            if not is_away(error):
                raise
            return otherwise


def _numbers(line: Line) -> list[tuple[str, Measured]]:
    """Return what a call logged of which metrics."""
    if line["call"] == "curve":
        return [(line["metric"], Measured(step, value, line["at"])) for step, value in line["values"]]
    return [(name, Measured(line["step"] or 0, value, line["at"])) for name, value in line.get("metrics", {}).items()]


def _with(record: RunRecord, line: Line) -> RunRecord:
    """Return a record after a call."""
    instant = datetime.fromtimestamp(line["at"] / 1000, UTC).isoformat()
    if line["call"] == "start":
        nesting = {PARENT: line["parent"]} if line["parent"] else {}
        own = {"name": line["name"], "experiment": line["experiment"], "parent": line["parent"]}
        return replace(record, **own, started=instant, tags={**record.tags, **nesting, **line["tags"]})
    if line["call"] == "dataset":
        used = (line["frame"]["name"], line["frame"]["md5"])
        return record if used in record.datasets else replace(record, datasets=(*record.datasets, used))
    if line["call"] == "finish":
        return replace(record, status=line["status"], ended=instant)
    note = {NOTE: line["markdown"]} if line["call"] == "note" else {}
    return replace(
        record,
        params={**record.params, **line.get("params", {})},
        metrics={**record.metrics, **{name: each.value for name, each in _numbers(line)}},
        tags={**record.tags, **line.get("tags", {}), **note},
    )
