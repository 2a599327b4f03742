"""Track runs at an address of one's own, in the words of a plain MLflow script, without MLflow's active run and its way of failing silently."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pitwall.adapters.git import UNKNOWN, git
from pitwall.adapters.mlflow.production.address import open_at
from pitwall.adapters.mlflow.production.models import see_example
from pitwall.adapters.mlflow.production.runs import RunsAt
from pitwall.domain import clock
from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunStatus
from pitwall.domain.texts.param_texts import flatten

INSTALLED = "environment/installed.txt"
SHOWN = 500


class ProductionExperimentTracker:
    """Runs of one experiment at one address.

    Several can be open at once, at the same address or at others: nothing hangs on an active run or an address of the process. Only a
    password in an address is handed to the client libraries through the environment.

    Args:
        experiment_name: made if there is none.
        tracking_uri: `sqlite:///FILE`, `postgresql://USER@HOST/DATABASE` or `http://HOST:PORT`.

    Attributes:
        run: the run that was started last, as MLflow has it (`run.info.run_id`); None before the first.

    Example:
        >>> import tempfile
        >>> tracker = ProductionExperimentTracker("wings", f"sqlite:///{tempfile.mkdtemp()}/runs.db")  # doctest: +SKIP
        >>> with tracker.start_run("low drag"):  # doctest: +SKIP
        ...     tracker.log_config({"wing": {"front": 3, "rear": 7}})
        ...     tracker.log_metrics({"lap_time": 91.4}, step=0)
    """

    def __init__(self, experiment_name: str, tracking_uri: str) -> None:
        self.experiment_name = experiment_name
        self._runs = RunsAt(open_at(tracking_uri))
        self._open: str | None = None
        self.run: Any = None

    def start_run(self, run_name: str | None = None) -> Self:
        """Start a run, with the commit, the instant and the installed packages; return the tracker, which a `with` block closes truly.

        Raises:
            UsageError: one is open.
        """
        if self._open is not None:
            raise UsageError(f"run {self._open} is still open; end it first, or use one tracker for each.")
        self._open = self._runs.start(self.experiment_name, run_name or "", {})
        self.run = self._runs.run(self._open)
        self._log_environment()
        return self

    def log_config(self, config: Mapping[str, Any]) -> None:
        """Log a configuration as parameters; nested ones get dotted names."""
        self._runs.params(self._active("log a configuration"), self._flatten_dict(config))

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log finite numbers, at one step of a history or as finals; another number is an error that names it."""
        self._runs.metrics(self._active("log metrics"), metrics, step)

    def log_artifact(self, path: Path | str, folder: str | None = None) -> None:
        """Log a file, or all files of a folder."""
        self._runs.files(self._active("log files"), Path(path), folder)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self._runs.tag(self._active("set tags"), {key: str(text) for key, text in tags.items()})

    def log_model(self, model: Any, artifact_path: str = "model", input_example: Any = None) -> str:
        """Keep a model as data, never as a pickle, and return its id in MLflow: `models:/ID` names it.

        XGBoost, LightGBM and CatBoost write their own files, PyTorch the traced graph (pt2), scikit-learn goes through skops, which
        trusts nothing but scikit-learn's own trees. MLflow loads no file of skops unless whoever loads it allows that
        (`MLFLOW_ALLOW_PICKLE_DESERIALIZATION=true`): it would trust what the file itself says is to be trusted.

        Args:
            model: of one of these libraries.
            artifact_path: the model's name; MLflow 3 calls it `name`.
            input_example: rows as the model takes them. The signature is read from them; a model of PyTorch cannot be kept without.

        Raises:
            UsageError: no run is open, the model is of no such library, or one of PyTorch has no example.
            TrackingError: the library cannot write it as data.
        """
        see_example(model, input_example)
        return self._runs.model(self._active("log a model"), model, artifact_path, input_example)

    def end_run(self, status: RunStatus = "FINISHED") -> None:
        """End the open run; nothing happens if there is none."""
        if self._open is not None:
            self._runs.finish(self._open, status)
            self._open = None

    def __enter__(self) -> Self:
        """Start a run, unless one is open."""
        return self if self._open is not None else self.start_run()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the run truly: failed with the tag `error` where the block raised, killed where it was interrupted."""
        if isinstance(error, Exception):
            self.set_tags({"error": f"{type(error).__name__}: {error}"[:SHOWN]})
        self.end_run("FINISHED" if error is None else "FAILED" if isinstance(error, Exception) else "KILLED")

    def _log_environment(self) -> None:
        """Keep what a repetition needs; where git cannot say the commit, the reason."""
        run_id = self._active("log the environment")
        tags = {"run_timestamp": clock.wall().isoformat(), "python_version": platform.python_version()}
        self._runs.tag(run_id, {**tags, **_commit(Path.cwd())})
        packages = sorted({f"{each.name}=={each.version}" for each in distributions()}, key=str.lower)
        self._runs.text(run_id, "\n".join(packages) + "\n", INSTALLED)

    def _flatten_dict(self, d: Mapping[str, Any], parent_key: str = "") -> dict[str, Any]:
        return flatten(d, f"{parent_key}." if parent_key else "")

    def _active(self, what: str) -> str:
        if self._open is None:
            raise UsageError(f"no run is open to {what}; begin one with start_run().")
        return self._open


def _commit(folder: Path) -> dict[str, str]:
    try:
        return {"git_commit": git(folder, "rev-parse", "HEAD").strip()}
    except FileNotFoundError:
        return {"git_commit": UNKNOWN, "git_error": "the git command is not installed"}
    except subprocess.CalledProcessError as error:
        return {"git_commit": UNKNOWN, "git_error": (error.stderr or "git failed without a word").strip()[:SHOWN]}
