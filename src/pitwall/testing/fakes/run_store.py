"""A fake run store, in memory: it keeps what it is told and refuses what the real one refuses."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.numbers import checked
from pitwall.domain.ports import Measured, RunRecord, RunStatus
from pitwall.domain.refs import FrameRef
from pitwall.domain.texts.param_texts import flatten, text_of
from pitwall.testing.fakes.editor import EditedInMemory


@dataclass
class FakeRun:
    """A run as the fake tracker remembers it; `status` is RUNNING until it is finished."""

    experiment: str
    name: str
    tags: dict[str, str]
    parent: str | None
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    history: list[tuple[str, int, float]] = field(default_factory=list)
    numbers: list[tuple[str, int, float]] = field(default_factory=list)  # finals too, at step 0 as in MLflow
    contents: dict[str, bytes] = field(default_factory=dict)
    datasets: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    status: str = "RUNNING"
    archived: bool = False

    @property
    def files(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted(self.contents)


class FakeTracker(EditedInMemory):
    """A `domain.ports.Tracker`, `RunReader` and `RunEditor` in memory; look at `runs` afterwards."""

    def __init__(self) -> None:
        self.runs: dict[str, FakeRun] = {}

    def start(
        self, experiment: str, name: str, tags: Mapping[str, str], parent: str | None = None, at: int | None = None
    ) -> str:
        """Open a run."""
        run_id = f"run{len(self.runs):04d}"
        self.runs[run_id] = FakeRun(experiment, name, dict(tags), parent)
        return run_id

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Log parameters; a logged one cannot change, as in MLflow."""
        run = self._open(run_id)
        for key, value in flatten(params).items():
            if run.params.setdefault(key, value) != value:
                raise TrackingError(f"parameter {key} of run {run_id} is {run.params[key]!r} already, not {value!r}.")

    def metrics(
        self, run_id: str, metrics: Mapping[str, float], step: int | None = None, at: int | None = None
    ) -> None:
        """Log numbers; one that is not finite is refused, as by the real one."""
        run, numbers = self._open(run_id), checked(metrics, step)
        run.metrics.update(numbers)
        run.numbers += [(key, step or 0, value) for key, value in numbers.items()]
        if step is not None:
            run.history += [(key, step, value) for key, value in numbers.items()]

    def curve(self, run_id: str, metric: str, values: Sequence[tuple[int, float]], at: int | None = None) -> None:
        """Log the history of a metric."""
        for step, value in values:
            self.metrics(run_id, {metric: value}, step)

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Remember files, below `folder`; also of a run that is finished, as in MLflow."""
        if not path.exists():
            raise TrackingError(f"there is no file or folder {path} to log.")
        found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        base = path.parent if path.is_file() else path
        prefix = f"{folder}/" if folder else ""
        contents = {prefix + each.relative_to(base).as_posix(): each.read_bytes() for each in found}
        self.runs[run_id].contents.update(contents)

    def dataset(self, run_id: str, frame: FrameRef, context: str) -> None:
        """Link a frame."""
        self._open(run_id).datasets.append((frame.md5, context))

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self.runs[run_id].tags.update(tags)

    def note(self, run_id: str, markdown: str) -> None:
        """Set the text of the run's page."""
        self.runs[run_id].text = markdown  # also of a closed one: its verdict comes later

    def finish(self, run_id: str, status: RunStatus, at: int | None = None) -> None:
        """Close the run."""
        self.runs[run_id].status = status

    def orphans(self) -> list[str]:
        """Return every open run."""
        return [run_id for run_id, run in self.runs.items() if run.status == "RUNNING"]

    def reap(self) -> list[str]:
        """Mark every open run as killed."""
        dead = self.orphans()
        for run_id in dead:
            self.finish(run_id, "KILLED")
        return dead

    def find(self, prefix: str) -> list[str]:
        """Return the ids that begin so."""
        return [key for key, run in self.runs.items() if prefix and key.startswith(prefix) and not run.archived]

    def read(self, run_id: str) -> RunRecord:
        """Return a run."""
        if run_id not in self.runs:
            raise UnknownName("run", run_id, self.runs)
        run = self.runs[run_id]
        params = {key: text_of(value) for key, value in run.params.items()}
        own = (dict(run.tags), params, dict(run.metrics), tuple((context, md5) for md5, context in run.datasets))
        return RunRecord(run_id, run.name, run.status, run.experiment, run.parent, "", "", *own)

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return the runs, or those of one experiment, that are not nested, the newest first."""
        return self._listed(experiment, archived=False)

    def counts(self) -> dict[str, int]:
        """Return how many experiments and runs there are."""
        records = self.all()
        return {"experiments_created": len({each.experiment for each in records}), "runs_logged": len(records)}

    def link(self, run_id: str) -> str:
        """Return an address that leads nowhere."""
        return f"fake://runs/{run_id}"

    def nested(self, run_id: str) -> list[RunRecord]:
        """Return the runs nested in a run."""
        return [self.read(key) for key, run in self.runs.items() if run.parent == run_id and not run.archived]

    def names(self, experiment: str) -> set[str]:
        """Return the names of an experiment's runs."""
        return {record.name for record in self.all() if record.experiment == experiment}

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of a metric, in the order of the steps; a number without a step is one of step 0, as in MLflow."""
        run = self.runs[run_id]
        found = [(step, value) for name, step, value in run.numbers if name == metric]
        lone = [(0, run.metrics[metric])] if metric in run.metrics and not found else []
        return sorted(found, key=lambda pair: pair[0]) or lone

    def histories(self, run_ids: Sequence[str], metric: str) -> dict[str, list[tuple[int, float]]]:
        """Return the histories of many runs."""
        return {run_id: self.history(run_id, metric) for run_id in run_ids}

    def measured(self, run_id: str, metric: str) -> list[Measured]:
        """Return the same with instants, all of them 0: no time goes by here."""
        return [Measured(step, value, 0) for step, value in self.history(run_id, metric)]

    def page(self, run_id: str) -> str:
        """Return the text of the run's page."""
        return self.runs[run_id].text

    def home(self, run_id: str) -> str:
        """Return an address: no file lies anywhere."""
        return f"memory:/{run_id}"

    def artifacts(self, run_id: str) -> list[str]:
        """Return the paths of a run's files."""
        return self.runs[run_id].files

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a copy of a file."""
        content = self.runs[run_id].contents.get(path)
        if content is None:
            return None
        copy = Path(tempfile.mkdtemp()) / Path(path).name
        copy.write_bytes(content)
        return copy

    @contextmanager
    def held(self, run_id: str) -> Iterator[Mapping[str, Path]]:
        """Give copies of a run's files."""
        with tempfile.TemporaryDirectory() as folder:
            found = {path: Path(folder, path) for path in self.runs[run_id].files}
            for path, file in found.items():
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(self.runs[run_id].contents[path])
            yield found

    def children(self, run_id: str) -> list[FakeRun]:
        """Return the nested runs of a run, in order."""
        return [run for run in self.runs.values() if run.parent == run_id]

    def _open(self, run_id: str) -> FakeRun:
        run = self.runs[run_id]
        if run.status != "RUNNING":
            raise TrackingError(f"run {run_id} is {run.status}; nothing may be logged any more.")
        return run
