"""Log to the run that is open, or to any run by its id, with the same words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.early_stopping import EarlyStopping, should_stop
from pitwall.tracking.early_stopping.direction import mode_of
from pitwall.tracking.experiments.artifacts import of_data, of_file, of_image
from pitwall.tracking.experiments.by_id import RunsById
from pitwall.tracking.experiments.writer import NEXT, RunWriter
from pitwall.tracking.run_stores.store import RunStore


class LogsRuns(RunsById):
    """What a tracker logs: parameters, numbers, files, pictures, tables, models and notes.

    Args:
        project_name: what the experiment is about; without one, `create_run` names the experiment of each run.
        store: keeps the runs.
        tags: of every run, beside those that it is started with.
    """

    def __init__(self, project_name: str | None, store: RunStore, tags: Mapping[str, str] | None = None) -> None:
        super().__init__(project_name, store, tags)
        self._open: RunWriter | None = None

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
        return self._active("log tables").table(name, table)

    def log_model(self, *given: Any, name: str = "model") -> None:
        """Keep a model as a folder of data: `log_model(model)` of the open run, `log_model(run_id, model)` of any.

        `run.load_model()` reads it back. Which models are kept, and how: `pitwall.tracking.save_model`.

        Raises:
            UsageError: no run is open, or the model is of no library whose models are kept as data.
            TrackingError: it has parts that are no data; names them.
        """
        writer, model = self._addressed(given, "log models", "model")
        writer.model(model, name)

    def note(self, markdown: str) -> None:
        """Set the text that the open run's page opens with."""
        self.store.tracker.note(self._active("write a note").run_id, markdown)

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
