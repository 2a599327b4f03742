"""Runs in a folder of JSON files, behind the same ports as those in MLflow: `Tracker`, `RunReader` and `RunEditor`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.numbers import checked
from pitwall.domain.ports import RunStatus
from pitwall.domain.texts.param_texts import flatten, plain, text_of
from pitwall.tracking.json_runs.folder import ARTIFACTS, METRICS, PARAMS, write_json
from pitwall.tracking.json_runs.reading import JsonReader, entry_of
from pitwall.tracking.run_stores.instants import instant, now
from pitwall.tracking.run_stores.words import WORDS

if TYPE_CHECKING:
    from pitwall.domain.refs import FrameRef

MEGABYTE = 1_000_000
LIMIT = 1000  # megabytes of one file


class JsonRuns(JsonReader):
    """The runs of a folder.

    Args:
        base_dir: the folder.
        artifact_limit_mb: a larger file is refused.

    Example:
        >>> import tempfile
        >>> runs = JsonRuns(tempfile.mkdtemp())
        >>> runs.start("wings", "low drag", {"car": "A"})
        'run_001'
    """

    def __init__(self, base_dir: str | Path = "experiments", artifact_limit_mb: float = LIMIT) -> None:
        super().__init__(base_dir)
        self._limit = artifact_limit_mb

    def start(
        self, experiment: str, name: str, tags: Mapping[str, str], parent: str | None = None, at: int | None = None
    ) -> str:
        """Open a run and return its id, the next number of the folder; without a name the id is its name."""
        with self.folder.changing() as entries:
            run_id = self._free(entries)
            home = self.folder.run(run_id)
            (home / ARTIFACTS).mkdir(parents=True)
            for file in (PARAMS, METRICS):
                write_json(home / file, {})
            entries.append(
                {
                    "run_id": run_id,
                    "experiment_name": experiment,
                    "created_at": instant(now() if at is None else at),
                    "finished_at": None,
                    "status": WORDS["RUNNING"],
                    "tags": {key: str(value) for key, value in tags.items()},
                    "description": "",
                    "run_dir": home.as_posix(),
                    **({"name": name} if name not in ("", run_id) else {}),
                    **({"parent": parent} if parent else {}),
                }
            )
        return run_id

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Log parameters; nested mappings are flattened with dots.

        Raises:
            TrackingError: a parameter of the run has another value already; nothing of the call is kept then.
        """
        self._known(run_id)
        fresh = {key: plain(value) for key, value in flatten(params).items()}
        with self.folder.changing_file(run_id, PARAMS) as kept:
            for key, value in fresh.items():
                if key in kept and text_of(kept[key]) != text_of(value):
                    raise TrackingError(
                        f"run {run_id} refused parameters: {key} is {kept[key]!r} already and cannot become {value!r}; "
                        "begin another run, or log a tag."
                    )
            kept.update(fresh)

    def metrics(
        self, run_id: str, metrics: Mapping[str, float], step: int | None = None, at: int | None = None
    ) -> None:
        """Log finite numbers, at one step of a history or as finals, whose step is null."""
        self._known(run_id)
        numbers, timestamp = checked(metrics, step), instant(now() if at is None else at)
        with self.folder.changing_file(run_id, METRICS) as kept:
            for name, value in numbers.items():
                kept.setdefault(name, []).append({"step": step, "value": value, "timestamp": timestamp})

    def curve(self, run_id: str, metric: str, values: Sequence[tuple[int, float]], at: int | None = None) -> None:
        """Log the history of a metric at once."""
        self._known(run_id)
        timestamp = instant(now() if at is None else at)
        numbers = [(step, checked({metric: value}, step)[metric]) for step, value in values]
        with self.folder.changing_file(run_id, METRICS) as kept:
            kept.setdefault(metric, []).extend(
                {"step": step, "value": value, "timestamp": timestamp} for step, value in numbers
            )

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Copy a file, or all files of a folder, below `folder` of the run's artifacts.

        Raises:
            TrackingError: there is no such file, or one is larger than the limit; nothing is copied then.
        """
        self._known(run_id)
        if not path.exists():
            raise TrackingError(f"cannot log {path}: it does not exist.")
        base = path if path.is_dir() else path.parent
        found = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for each in found:
            self._refuse_large(each)
        for each in found:
            target = self.place(run_id, f"{folder}/" * bool(folder) + each.relative_to(base).as_posix())
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(each, target)

    def dataset(self, run_id: str, frame: FrameRef, context: str) -> None:
        """Link the run to the frame that it used, by name and hash."""
        with self._entry(run_id) as entry:
            entry.setdefault("datasets", []).append([frame.name, frame.md5, context])

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        with self._entry(run_id) as entry:
            entry["tags"].update({key: str(value) for key, value in tags.items()})

    def untag(self, run_id: str, keys: Sequence[str]) -> None:
        """Take tags away; raise UnknownName if the run has no such tag."""
        with self._entry(run_id) as entry:
            for key in keys:
                if entry["tags"].pop(key, None) is None:
                    raise UnknownName(f"tag of run {run_id}", key, entry["tags"])

    def note(self, run_id: str, markdown: str) -> None:
        """Set the run's description."""
        with self._entry(run_id) as entry:
            entry["description"] = markdown

    def finish(self, run_id: str, status: RunStatus, at: int | None = None) -> None:
        """Close the run in its true state."""
        with self._entry(run_id) as entry:
            entry |= {"status": WORDS[status], "finished_at": instant(now() if at is None else at)}

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name; its id stays."""
        with self._entry(run_id) as entry:
            entry["name"] = name

    def archive(self, run_id: str) -> None:
        """Take a run and its nested runs out of the lists; their files stay."""
        with self.folder.changing() as entries:
            for entry in _with_nested(entries, run_id):
                entry["archived"] = True

    def restore(self, run_id: str) -> None:
        """Put an archived run and its nested runs back into the lists; raise UnknownName if no such run is archived."""
        with self.folder.changing() as entries:
            if not entry_of(entries, run_id).get("archived"):
                raise UnknownName("archived run", run_id, [e["run_id"] for e in entries if e.get("archived")])
            for entry in _with_nested(entries, run_id):
                entry.pop("archived", None)

    def orphans(self) -> list[str]:
        """Return nothing: a folder of files does not know whose process made a run."""
        return []

    def reap(self) -> list[str]:
        """Return nothing, for the same reason."""
        return []

    def _free(self, entries: list[dict[str, Any]]) -> str:
        """Return the next id; a folder without an entry, left by a kill, is passed over."""
        first = len(entries) + 1
        return next(name for name in map("run_{:03d}".format, count(first)) if not self.folder.run(name).exists())

    def _known(self, run_id: str) -> None:
        if not (self.folder.run(run_id) / PARAMS).is_file():
            entry_of(self.folder.entries(), run_id)

    @contextmanager
    def _entry(self, run_id: str) -> Iterator[dict[str, Any]]:
        with self.folder.changing() as entries:
            yield entry_of(entries, run_id)

    def _refuse_large(self, path: Path) -> None:
        size = path.stat().st_size / MEGABYTE
        if size > self._limit:
            raise TrackingError(
                f"cannot log {path}: it has {size:.3g} MB, and {self._limit:g} MB of one file are allowed. Keep large data under "
                "DVC and log its hash, or raise artifact_limit_mb."
            )


def _with_nested(entries: list[dict[str, Any]], run_id: str) -> list[dict[str, Any]]:
    return [entry_of(entries, run_id), *(entry for entry in entries if entry.get("parent") == run_id)]
