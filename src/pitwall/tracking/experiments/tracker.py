"""Track experiments by hand: start a run, log to it, end it, compare it with the others.

Two ways of speaking, for one store. In a notebook one run is open at a time, and every call is about that one. In a program calls name
their run first (`create_run` returns its id), so that many can be written at once. What is logged is in the store at once, so that nothing
is lost with the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.closing import closing
from pitwall.tracking.early_stopping import EarlyStopping, should_stop
from pitwall.tracking.early_stopping.direction import mode_of
from pitwall.tracking.experiments.artifacts import of_data, of_file, of_image, of_table
from pitwall.tracking.experiments.best import Which, best_of
from pitwall.tracking.experiments.by_id import RunsById
from pitwall.tracking.experiments.plain_run import plain_run
from pitwall.tracking.experiments.rows import Rows, rows_of
from pitwall.tracking.experiments.run import Run, Runs, short
from pitwall.tracking.experiments.writer import NEXT, RunWriter
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.run_stores.words import store_status

GROUP = "group"
TABLES = "mlflow.loggedArtifacts"  # by this tag MLflow's pages know that a file of JSON is a table


class ExperimentTracker(RunsById):
    """The runs of one experiment, or those of a whole store: those of `RunsById`, and one that is open.

    Args:
        project_name: what the experiment is about; without one, `create_run` names the experiment of each run.
        store: keeps the runs.
        tags: of every run, beside those that it is started with.
    """

    def __init__(self, project_name: str | None, store: RunStore, tags: Mapping[str, str] | None = None) -> None:
        super().__init__(project_name, store, tags)
        self._open: RunWriter | None = None

    @property
    def active_run(self) -> str | None:
        """The id of the open run, None between runs."""
        return short(self._open.run_id) if self._open else None

    @property
    def runs(self) -> Runs:
        """All runs of the experiment by id, oldest first; those of earlier sessions too."""
        return Runs(self.store)

    def start_run(
        self,
        run_name: str | None = None,
        tags: Mapping[str, Any] | None = None,
        group: str | None = None,
        note: str = "",
    ) -> str:
        """Open a run and return its id: 8 characters, which stand for the run wherever one is asked for.

        A run that is still open ends as killed, with the reason as its tag `error`: the cell that opened it never ended it.

        Args:
            run_name: how it is called.
            tags: of it.
            group: what it is one of, as its tag `group`, by which MLflow's pages group runs.
            note: the text that its page opens with, Markdown.
        """
        if self._open is not None:
            self.store.tracker.tag(self._open.run_id, {"error": "another run was started before this one was ended"})
            self.end_run("killed")
        self._open = self._begun(
            self.store.experiment, run_name or "run", {**(tags or {}), **({GROUP: group} if group else {})}
        )
        if note:
            self.note(note)
        return short(self._open.run_id)

    @contextmanager
    def run(
        self,
        run_name: str | None = None,
        tags: Mapping[str, Any] | None = None,
        group: str | None = None,
        note: str = "",
    ) -> Iterator[str]:
        """Open a run for a `with` block, which ends it truly: failed with the tag `error` where the block raises, killed by Ctrl-C."""
        self.start_run(run_name, tags, group, note)
        opened = self._active("run")
        try:
            with closing(self.store.tracker, opened.run_id):
                yield short(opened.run_id)
        finally:
            self._open = None

    @contextmanager
    def lent(self, run_id: str) -> Iterator[None]:
        """Log to a run that somebody else opened and will close, by its whole id; a run of one's own goes on afterwards."""
        before, self._open = self._open, RunWriter(self.store, run_id)
        try:
            yield
        finally:
            self._open = before

    def log_param(self, key: str, value: Any) -> None:
        """Log a parameter of the open run; see `log_params`."""
        self.log_params({key: value})

    def log_params(self, *given: Any) -> None:
        """Log parameters: `log_params(params)` of the open run, `log_params(run_id, params)` of any.

        Nested ones get dotted names, and all read back with the type that they had.

        Raises:
            UsageError: no run is open.
            TrackingError: a parameter of the run has another value already.
        """
        writer, params = self._addressed(given, "log parameters", "params")
        writer.params(params)

    def log_metric(self, key: str, value: float, step: int | None = None) -> None:
        """Log one number of the open run; see `log_metrics`."""
        self.log_metrics({key: value}, step=step)

    def log_metrics(self, *given: Any, step: int | None = None) -> None:
        """Log numbers: `log_metrics(metrics, step)` of the open run, `log_metrics(run_id, metrics, step)` of any.

        Without a step, a number of the open run takes the one after the metric's last; one of a run that is named is a final.
        A value that is not finite is kept in no store of numbers: its step is counted in the run's `not_finite`, it is no improvement
        for `should_stop`, and a run that ends with one has no last value for `get_best_run`.

        Raises:
            UsageError: no run is open.
            TrackingError: a value is no number, or a name has a character that is not allowed.
        """
        if len(given) > 1 and not isinstance(given[-1], Mapping):
            *given, step = given  # type: ignore[assignment]
        writer, metrics = self._addressed(tuple(given), "log metrics", "metrics")
        place = None if step is None else int(step)
        writer.metrics(metrics, NEXT if place is None and len(given) == 1 else place)

    def log_artifact(self, name: str | Path, data: Any = MISSING, artifact_name: str | None = None) -> dict[str, Any]:
        """Log an object under a name, or a file under its own: of the open run, or `log_artifact(run_id, path, artifact_name)` of any.

        Args:
            name: of the artifact; alone, the path of a file; or the id of a run.
            data: text, bytes, a path, a data frame, arrays, a figure, or what JSON can hold; the path of a file, where a run is named.
            artifact_name: what a file of a run that is named is called there; as it is when None.

        Returns:
            The artifact's entry: type, size in bytes, sha256, media type, path.

        Raises:
            UsageError: no run is open, or the object has no form of data.
            TrackingError: there is no such file.
        """
        if data is not MISSING and (writer := self._named(name)) is not None:
            return writer.artifact(artifact_name or Path(data).name, of_file(Path(data)))
        if data is MISSING:
            return self._active("log artifacts").artifact(Path(name).name, of_file(Path(name)))
        return self._active("log artifacts").artifact(str(name), of_data(str(name), data))

    def log_figure(self, name: str, figure: Any) -> dict[str, Any]:
        """Log a figure of the open run: one of matplotlib as PNG, one of plotly as a page that needs no network."""
        return self.log_artifact(name, figure)

    def log_image(self, name: str, image: Any) -> dict[str, Any]:
        """Log a picture of the open run as PNG: an array (rows x columns, with 3 or 4 channels or none), or a picture of Pillow."""
        return self._active("log images").artifact(name, of_image(name, image))

    def log_table(self, name: str, table: Any) -> dict[str, Any]:
        """Log a table of the open run, which MLflow's page shows as one: a data frame, rows, or columns by name."""
        writer = self._active("log tables")
        made = writer.artifact(name, of_table(name, table))
        tables = [each["path"] for each in writer.known.artifacts.values() if each["type"] == "table"]
        self.store.tracker.tag(
            writer.run_id, {TABLES: str([{"path": path, "type": "table"} for path in tables]).replace("'", '"')}
        )
        return made

    def note(self, markdown: str) -> None:
        """Set the text that the open run's page opens with."""
        self.store.tracker.note(self._active("write a note").run_id, markdown)

    def end_run(self, status: str = "completed") -> None:
        """End the open run as completed, failed or killed.

        Raises:
            UsageError: no run is open, or the status is none of these.
        """
        word = store_status(status)
        self.store.tracker.finish(self._active("end").run_id, word)
        self._open = None

    def should_stop(
        self, *given: Any, patience: int = 10, mode: str | None = None, min_delta: float = 0.0, warmup: int = 0
    ) -> bool:
        """Return whether a metric has not improved for `patience` values.

        Args:
            *given: the metric of the open run, or the id of a run and its metric; then, if one likes, the patience.
            patience: how many values in a row may be no improvement on the best.
            mode: `min` or `max`; without it, as the name says (loss, time, ...: min; accuracy, score, ...: max).
            min_delta: an improvement is better than the best by more than this.
            warmup: no stop within so many first values.

        Raises:
            UsageError: no run is open, the name does not say which way is better, or a number is out of range.
            UnknownName: the run has no such metric.
        """
        if isinstance(given[-1], int):
            *given, patience = given  # type: ignore[assignment]
        writer, metric = self._addressed(tuple(given), "ask whether to stop", "metric")
        values = writer.known.values
        if metric not in values:
            raise UnknownName(
                "metric of the open run" if len(given) == 1 else f"metric of run {given[0]}", metric, values
            )
        return should_stop(
            (value for _, value in values[metric]), EarlyStopping(patience, mode_of(metric, mode), min_delta, warmup)
        )

    def get_best_run(
        self,
        metric: str,
        experiment_name: str | bool | None = None,
        mode: str | None = None,
        *,
        maximize: bool = True,
        which: Which = "last",
    ) -> Any:
        """Return the run with the best value of a metric; None, and a warning with near names, where no run has one.

        Args:
            metric: its name.
            experiment_name: whose runs are compared; the tracker's own when None. True and False are taken for `maximize`.
            mode: `max` or `min`.
            maximize: the same in other words; `mode` wins.
            which: `last` value of each run, its `best` one, or its `min` or `max`.

        Returns:
            Plain data as from `get_run`, where an experiment or a mode is named or the tracker has no experiment of its own; else a `Run`.
        """
        plainly = mode is not None or isinstance(experiment_name, str) or self.project_name is None
        if isinstance(experiment_name, bool):
            maximize, experiment_name = experiment_name, None
        runs = [Run(record, self.store) for record in self.store.records(experiment_name)]
        upwards = maximize if mode is None else mode_of(metric, mode) == "max"
        best = best_of(runs, metric, maximize=upwards, which=which)
        return plain_run(self.store, best.record) if best is not None and plainly else best

    def compare_runs(self, metric_names: Sequence[str] | None = None) -> Rows:
        """Return one row per run: run_id, name, status, its parameters, and the last values of metrics.

        Args:
            metric_names: of the metrics to show, of all runs of the experiment, oldest first; or the ids of the runs to show.

        Returns:
            Dictionaries in a list, whose `.frame()` is a data frame.
        """
        ids = [self._known(each) for each in metric_names or ()]
        if ids and all(ids):
            return rows_of(Run(self.store.reader.read(run_id), self.store, short=False) for run_id in ids if run_id)
        if self.project_name is None and metric_names is not None:
            return rows_of(
                Run(self.store.reader.read(self._whole(each)), self.store, short=False) for each in metric_names
            )
        return rows_of(self.runs.values(), metric_names)

    def _active(self, what: str) -> RunWriter:
        if self._open is None:
            raise UsageError(f"no run is open to {what}; begin one with start_run(), or name the run first.")
        return self._open

    def _addressed(self, given: tuple[Any, ...], what: str, named: str) -> tuple[RunWriter, Any]:
        """Return who writes to the run that a call is about, and what the call is about."""
        if len(given) == 1:
            return self._active(what), given[0]
        if len(given) != 2:
            raise UsageError(f"give ({named}) of the open run or (run_id, {named}) of any; found {len(given)} values.")
        return self._writer(self._whole(given[0])), given[1]
