"""The loop itself, over any tracker whose calls name their run first."""

from __future__ import annotations

import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from pitwall.adapters.processes.signals import exit_on_sigterm
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.secrets import redact
from pitwall.tracking.early_stopping import EarlyStopping
from pitwall.tracking.early_stopping.direction import mode_of
from pitwall.tracking.sampling import Sampler
from pitwall.tracking.train_loop.checkpoints import Checkpoint, write_checkpoint


class RunsById(Protocol):
    """A tracker whose calls name their run first, as `JsonTracker` and `ExperimentTracker` do."""

    def create_run(self, experiment_name: str, tags: Mapping[str, Any] | None = None, description: str = "") -> str:
        """Begin a run and return its id."""

    def log_params(self, run_id: str, params: Mapping[str, Any], /) -> None:
        """Log parameters."""

    def log_metrics(self, run_id: str, metrics: Mapping[str, float], /, *, step: int | None = None) -> None:
        """Log numbers."""

    def log_artifact(self, run_id: str, path: str, name: str, /) -> Any:
        """Log a file under a name."""

    def finish_run(self, run_id: str, status: str = "completed") -> None:
        """End a run."""


class TrainLoop:
    """A run that is one training, as a `with` block.

    It ends as completed, as failed where the block raises (with the traceback as an artifact), or as killed on Ctrl-C and SIGTERM.

    Args:
        tracker: where the run is kept.
        experiment_name: of the run.
        params: logged before anything else.
        tags: of the run.
        description: what is tried.
        watch: the metric that says which epoch is the best, e.g. val_loss; without one, no epoch is and nothing stops early.
        patience: stop after so many epochs in a row that were no improvement; never when None.
        mode: `min` or `max`; without it, as the name of the metric says.
        min_delta: an improvement is better than the best by more than this.
        sample_every: log memory, processor and GPU every so many seconds.

    Attributes:
        run_id: of the run; empty before it begins.
        epoch: the present one.
        best: the best value of the watched metric, None before there is one.
        best_epoch: the epoch that it is of.

    Example:
        >>> import tempfile
        >>> from pitwall.tracking import JsonTracker, TrainLoop
        >>> tracker = JsonTracker(tempfile.mkdtemp())
        >>> losses = [0.9, 0.5, 0.6, 0.7, 0.4]
        >>> with TrainLoop(tracker, "wings", {"rate": 0.1}, watch="val_loss", patience=2) as loop:
        ...     for epoch in loop.epochs(5):
        ...         better = loop.log(train={"loss": 0.1}, val={"loss": losses[epoch]}, checkpoint=f"weights {epoch}".encode())
        ...     loop.test({"loss": 0.55})
        >>> loop.best, loop.best_epoch, loop.epoch
        (0.5, 1, 3)
        >>> sorted(tracker.get_run(loop.run_id)["metrics"])
        ['best_epoch', 'best_val_loss', 'test_loss', 'train_loss', 'val_loss']
    """

    def __init__(
        self,
        tracker: RunsById,
        experiment_name: str,
        params: Mapping[str, Any],
        *,
        tags: Mapping[str, Any] | None = None,
        description: str = "",
        watch: str | None = None,
        patience: int | None = None,
        mode: str | None = None,
        min_delta: float = 0.0,
        sample_every: float | None = None,
    ) -> None:
        if patience is not None and watch is None:
            raise UsageError("to stop early, say which metric to watch, e.g. watch='val_loss'.")
        self._tracker, self._begin = tracker, (experiment_name, dict(tags or {}), description)
        self._params, self._watch, self._stops = dict(params), watch, patience is not None
        self._rule = EarlyStopping(patience or 1, mode_of(watch, mode) if watch else "min", min_delta)
        self._sample_every = sample_every
        self._over, self._lock = False, threading.Lock()
        self._sampling, self._signals = ExitStack(), ExitStack()
        self.run_id, self.epoch, self.best_epoch = "", -1, -1

    @property
    def best(self) -> float | None:
        """See the class."""
        return self._rule.best

    def __enter__(self) -> Self:
        """Begin the run with its parameters."""
        self._signals.enter_context(exit_on_sigterm())
        self.run_id = self._tracker.create_run(self._begin[0], tags=self._begin[1], description=self._begin[2])
        with self._failing():
            self._tracker.log_params(self.run_id, self._params)
            if self._sample_every is not None:
                self._sampling.enter_context(Sampler(self._metrics, self._sample_every))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the run truly, with the best epoch as finals."""
        with self._failing():
            self._sampling.close()
            if self.best is not None:
                self._metrics({"best_epoch": self.best_epoch, f"best_{self._watch}": self.best})
            if isinstance(error, Exception):
                self._keep("traceback.txt", "".join(traceback.format_exception(error)))
        self._end(_status(error))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """End the run where its beginning or its end breaks."""
        try:
            yield
        except BaseException as error:
            self._end(_status(error))
            raise

    def _end(self, status: str) -> None:
        with self._signals:
            self._tracker.finish_run(self.run_id, status)

    def epochs(self, most: int, first: int = 0) -> Iterator[int]:
        """Yield the numbers of the epochs until there are `most`, or the watched metric has not improved for too long."""
        for epoch in range(first, first + most):
            self.epoch = epoch
            yield epoch
            if self._over:
                return

    def log(
        self,
        *,
        train: Mapping[str, float] | None = None,
        val: Mapping[str, float] | None = None,
        checkpoint: Checkpoint | None = None,
        name: str = "model_best",
    ) -> bool:
        """Log the numbers of the present epoch, as `train_*` and `val_*`, and return whether it is the best so far.

        Args:
            train: numbers by name, on what the model learns from.
            val: the same on what it does not.
            checkpoint: the model's bytes, or what writes them to a path; kept if the epoch is the best, instead of the one before.
            name: of the checkpoint among the artifacts.

        Raises:
            UnknownName: the watched metric is not among the numbers.
            TrackingError: the checkpoint is a pickle, or was not written.
        """
        numbers = {**_named("train", train), **_named("val", val)}
        if self._watch is not None and self._watch not in numbers:
            raise UnknownName("metric to watch", self._watch, numbers)
        self._metrics(numbers, self.epoch)
        if self._watch is None:
            return False
        tired = self._rule(numbers[self._watch])
        self._over = self._stops and tired
        if self._rule.best_at != self._rule.seen - 1:
            return False
        self.best_epoch = self.epoch
        if checkpoint is not None:
            with tempfile.TemporaryDirectory() as folder:
                file = write_checkpoint(checkpoint, Path(folder) / name)
                with self._lock:
                    self._tracker.log_artifact(self.run_id, str(file), file.name)
        return True

    def test(self, metrics: Mapping[str, float]) -> None:
        """Log final numbers, as `test_*`, of no step."""
        self._metrics(_named("test", metrics))

    def _metrics(self, numbers: Mapping[str, float], step: int | None = None) -> None:
        with self._lock:  # the sampler's thread logs too
            self._tracker.log_metrics(self.run_id, numbers, step=step)

    def _keep(self, name: str, text: str) -> None:
        with tempfile.TemporaryDirectory() as folder, self._lock:
            path = Path(folder) / name
            path.write_text(redact(text, name)[0], encoding="utf-8")
            self._tracker.log_artifact(self.run_id, str(path), name)


def _named(part: str, metrics: Mapping[str, float] | None) -> dict[str, float]:
    """Return numbers with the name of their part before their own, once."""
    return {name if name.startswith(f"{part}_") else f"{part}_{name}": value for name, value in (metrics or {}).items()}


def _status(error: BaseException | None) -> str:
    if error is None:
        return "completed"
    return "failed" if isinstance(error, Exception) else "killed"
