"""Track experiments by hand: start a run, log to it, end it, compare it with the others.

Two ways of speaking, for one store. In a notebook one run is open at a time, and every call is about that one. In a program calls name
their run first (`create_run` returns its id), so that many can be written at once. What is logged is in the store at once, so that nothing
is lost with the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pitwall.tracking.closing import closing
from pitwall.tracking.early_stopping.direction import mode_of
from pitwall.tracking.experiments.best import Which, best_of
from pitwall.tracking.experiments.logs import LogsRuns
from pitwall.tracking.experiments.plain_run import plain_run
from pitwall.tracking.experiments.rows import Rows, rows_of
from pitwall.tracking.experiments.run import Run, Runs, short
from pitwall.tracking.experiments.writer import RunWriter
from pitwall.tracking.run_stores.words import store_status

GROUP = "group"


class ExperimentTracker(LogsRuns):
    """The runs of one experiment, or those of a whole store: any of them by its id, and one that is open.

    Args:
        project_name: what the experiment is about; without one, `create_run` names the experiment of each run.
        store: keeps the runs.
        tags: of every run, beside those that it is started with.
    """

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

    def end_run(self, status: str = "completed") -> None:
        """End the open run as completed, failed or killed.

        Raises:
            UsageError: no run is open, or the status is none of these.
        """
        word = store_status(status)
        self.store.tracker.finish(self._active("end").run_id, word)
        self._open = None

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
