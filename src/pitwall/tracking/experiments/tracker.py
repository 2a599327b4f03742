"""Track experiments by hand: start a run, log to it, end it, compare it with the others.

One tracker has one run open at a time and belongs to one thread; what it logs is in the store at once, so that nothing is lost with
the process.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitwall.adapters.mlflow.tracker import flatten
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.closing import closing
from pitwall.tracking.early_stopping import EarlyStopping, should_stop
from pitwall.tracking.early_stopping.direction import mode_of
from pitwall.tracking.experiments.artifacts import FOLDER, INDEX, Artifact, of_data, of_file, path_of
from pitwall.tracking.experiments.backend import ExperimentBackend
from pitwall.tracking.experiments.best import Which, best_run, last_value
from pitwall.tracking.experiments.run import NOT_FINITE, SHORT, Run, store_status
from pitwall.tracking.experiments.values import TEXT_PARAMS, ambiguous


@dataclass
class OpenRun:
    """What a tracker remembers of the run that it has open."""

    run_id: str
    values: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    not_finite: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)


class ExperimentTracker:
    """The runs of one experiment.

    Args:
        project_name: what the experiment is about.
        backend: keeps the runs.
        tags: of every run, beside those that it is started with.
    """

    def __init__(self, project_name: str, backend: ExperimentBackend, tags: Mapping[str, str] | None = None) -> None:
        self.project_name, self.backend = project_name, backend
        self._tags = dict(tags or {})
        self._open: OpenRun | None = None

    @property
    def active_run(self) -> str | None:
        """The id of the open run, None between runs."""
        return self._open.run_id[:SHORT] if self._open else None

    @property
    def runs(self) -> Runs:
        """All runs of the experiment by id, oldest first; those of earlier sessions too."""
        return Runs(self.backend)

    def start_run(self, run_name: str | None = None, tags: Mapping[str, Any] | None = None) -> str:
        """Open a run and return its id: 8 characters, which stand for the run wherever one is asked for.

        A run that is still open ends as killed, with the reason as its tag `error`: the cell that opened it never ended it.
        """
        if self._open is not None:
            self.backend.tag(self._open.run_id, {"error": "another run was started before this one was ended"})
            self.end_run("killed")
        own = {key: str(value) for key, value in (tags or {}).items()}
        self._open = OpenRun(self.backend.start(run_name or "run", {**self._tags, **own}))
        return self._open.run_id[:SHORT]

    @contextmanager
    def run(self, run_name: str | None = None, tags: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Open a run for a `with` block, which ends it truly: failed with the tag `error` where the block raises, killed by Ctrl-C."""
        self.start_run(run_name, tags)
        opened = self._active("run")
        try:
            with closing(self.backend, opened.run_id):
                yield opened.run_id[:SHORT]
        finally:
            self._open = None

    @contextmanager
    def lent(self, run_id: str) -> Iterator[None]:
        """Log to a run that somebody else opened and will close, by its whole id; a run of one's own goes on afterwards."""
        before, self._open = self._open, OpenRun(run_id)
        try:
            yield
        finally:
            self._open = before

    def log_param(self, key: str, value: Any) -> None:
        """Log a parameter; see `log_params`."""
        self.log_params({key: value})

    def log_params(self, params_dict: Mapping[str, Any]) -> None:
        """Log parameters; nested ones get dotted names, and all read back with the type that they had.

        Raises:
            UsageError: no run is open.
            TrackingError: a parameter of the run has another value already.
        """
        run, params = self._active("log parameters"), flatten(params_dict)
        self.backend.params(run.run_id, params)
        if texts := set(ambiguous(params)) - run.texts:
            run.texts |= texts
            self.backend.tag(run.run_id, {TEXT_PARAMS: json.dumps(sorted(run.texts))})

    def log_metric(self, key: str, value: float, step: int | None = None) -> None:
        """Log one number; see `log_metrics`."""
        self.log_metrics({key: value}, step)

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log numbers of one step.

        A value that is not finite is kept in no store of numbers: its step is counted in the run's `not_finite`, it is no improvement
        for `should_stop`, and a run that ends with one has no last value for `get_best_run`.

        Args:
            metrics: by name.
            step: of the history; without it, the one after a metric's last.

        Raises:
            UsageError: no run is open.
            TrackingError: a value is no number, or a name has a character that is not allowed.
        """
        run = self._active("log metrics")
        numbers = {key: _number(key, value) for key, value in metrics.items()}
        steps = {key: _next_step(run.values.get(key, [])) if step is None else int(step) for key in numbers}
        for at in sorted(set(steps.values())):
            now = {key: number for key, number in numbers.items() if steps[key] == at and math.isfinite(number)}
            if now:
                self.backend.metrics(run.run_id, now, at)
        for key, number in numbers.items():
            if not math.isfinite(number):
                self._note_not_finite(run, key, steps[key])
            run.values.setdefault(key, []).append((steps[key], number))

    def log_artifact(self, name: str | Path, data: Any = MISSING) -> dict[str, Any]:
        """Log an object under a name, or a file under its own; return its entry: type, size in bytes, sha256, media type, path.

        Args:
            name: of the artifact; alone, the path of a file.
            data: text, bytes, a path, a data frame, arrays, a figure, or what JSON can hold.

        Raises:
            UsageError: no run is open, or the object has no form of data.
            TrackingError: there is no such file.
        """
        run = self._active("log artifacts")
        if data is MISSING:
            artifact, name = of_file(Path(name)), Path(name).name
        else:
            artifact = of_data(str(name), data)
        path = path_of(str(name), artifact.ending)
        run.artifacts[str(name)] = artifact.entry(path)
        with tempfile.TemporaryDirectory() as folder:
            self._keep(run, Path(folder), path, artifact)
        return run.artifacts[str(name)]

    def end_run(self, status: str = "completed") -> None:
        """End the open run as completed, failed or killed.

        Raises:
            UsageError: no run is open, or the status is none of these.
        """
        word = store_status(status)
        self.backend.finish(self._active("end").run_id, word)
        self._open = None

    def should_stop(
        self, metric: str, patience: int = 10, mode: str | None = None, min_delta: float = 0.0, warmup: int = 0
    ) -> bool:
        """Return whether a metric of the open run has not improved for `patience` values.

        Args:
            metric: its name.
            patience: how many values in a row may be no improvement on the best.
            mode: `min` or `max`; without it, as the name says (loss, time, ...: min; accuracy, score, ...: max).
            min_delta: an improvement is better than the best by more than this.
            warmup: no stop within so many first values.

        Raises:
            UsageError: no run is open, the name does not say which way is better, or a number is out of range.
            UnknownName: the run has no such metric.
        """
        values = self._active("ask whether to stop").values
        if metric not in values:
            raise UnknownName("metric of the open run", metric, values)
        return should_stop(
            (value for _, value in values[metric]), EarlyStopping(patience, mode_of(metric, mode), min_delta, warmup)
        )

    def get_best_run(self, metric: str, maximize: bool = True, which: Which = "last") -> Run | None:
        """Return the run with the best value of a metric, None where no run has one; see `best_run`."""
        return best_run(self.runs.values(), metric, maximize=maximize, which=which)

    def compare_runs(self, metric_names: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Return one row per run, oldest first: run_id, name, status, its parameters, and the last values of metrics.

        A parameter that is called like another column is called `param.<name>`; a last value that was not finite is None.

        Args:
            metric_names: of the metrics, None where a run has no such one; all that it has when None.
        """
        rows = []
        for run in self.runs.values():
            own = {key: run[key] for key in ("run_id", "name", "status")}
            metrics = {name: last_value(run, name) for name in metric_names or sorted(run["metrics"])}
            params = {f"param.{key}" if key in {*own, *metrics} else key: value for key, value in run["params"].items()}
            rows.append({**own, **params, **metrics})
        return rows

    def _active(self, what: str) -> OpenRun:
        if self._open is None:
            raise UsageError(f"no run is open to {what}; begin one with start_run().")
        return self._open

    def _note_not_finite(self, run: OpenRun, key: str, step: int) -> None:
        before = run.not_finite.get(key, {"count": 0, "first": step})
        run.not_finite[key] = {"count": before["count"] + 1, "first": before["first"], "last": step}
        self.backend.tag(run.run_id, {NOT_FINITE: json.dumps(run.not_finite, sort_keys=True)})

    def _keep(self, run: OpenRun, folder: Path, path: str, artifact: Artifact) -> None:
        file, index = folder / FOLDER / path, folder / INDEX
        file.parent.mkdir(parents=True)
        file.write_bytes(artifact.content)
        index.write_text(json.dumps(run.artifacts, indent=1), encoding="utf-8")
        self.backend.files(run.run_id, folder)


class Runs(Mapping[str, Run]):
    """The runs of an experiment by id or the beginning of one, as they are in the store now."""

    def __init__(self, backend: ExperimentBackend) -> None:
        self._backend = backend
        self._found = {record.run_id: Run(record, backend) for record in backend.runs()}

    def __getitem__(self, run_id: str) -> Run:
        found = [run for whole, run in self._found.items() if run_id and whole.startswith(run_id)]
        if len(found) > 1:
            raise UsageError(f"{len(found)} runs begin with {run_id!r}; give more of the id.")
        if not found:
            raise KeyError(f"no run begins with {run_id!r}")
        return found[0]

    def __iter__(self) -> Iterator[str]:
        return iter(whole[:SHORT] for whole in self._found)

    def __len__(self) -> int:
        return len(self._found)


def _number(key: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(
            f"metric {key!r} is {value!r}, which is no number; log a tag or a parameter instead."
        ) from None


def _next_step(values: list[tuple[int, float]]) -> int:
    return values[-1][0] + 1 if values else 0
