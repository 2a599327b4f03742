"""Log to one run, by its whole id: parameters that keep their types, numbers that may be none, and files with their hashes."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pitwall.domain.errors import UsageError
from pitwall.domain.texts.param_texts import flatten
from pitwall.tracking.experiments.artifacts import INDEX, Artifact, of_table, path_of
from pitwall.tracking.experiments.run import NOT_FINITE
from pitwall.tracking.run_models import save_model
from pitwall.tracking.run_stores.finals import FINALS, finals
from pitwall.tracking.run_stores.instants import now
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.run_stores.values import TEXT_PARAMS, ambiguous, json_tag

TABLES = "mlflow.loggedArtifacts"  # by this tag MLflow's pages know that a file of JSON is a table
NEXT: Literal["next"] = "next"
Step = int | None | Literal["next"]


@dataclass
class Remembered:
    """What was logged to a run: its values by metric, artifacts, values that were no numbers, ambiguous texts, finals."""

    values: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    not_finite: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    finals: dict[str, list[int]] = field(default_factory=dict)


class RunWriter:
    """Logs to one run.

    Args:
        store: of the run.
        run_id: its whole id.
        fresh: nothing was logged to it yet, so that nothing need be read back.
    """

    def __init__(self, store: RunStore, run_id: str, *, fresh: bool = True) -> None:
        self.store, self.run_id, self._fresh = store, run_id, fresh

    @cached_property
    def known(self) -> Remembered:
        """What the run has; read from the store where somebody else logged to it before."""
        if self._fresh:
            return Remembered()
        reader = self.store.reader
        record, kept = reader.read(self.run_id), reader.file(self.run_id, INDEX)
        return Remembered(
            {name: reader.history(self.run_id, name) for name in record.metrics},
            json.loads(kept.read_text(encoding="utf-8")) if kept else {},
            json_tag(reader, record, NOT_FINITE, {}),
            set(json_tag(reader, record, TEXT_PARAMS, [])),
            finals(reader, record),
        )

    def params(self, given: Mapping[str, Any]) -> None:
        """Log parameters; nested ones get dotted names, and all read back with the type that they had."""
        params = flatten(given)
        self.store.tracker.params(self.run_id, params)
        if not self.store.keeps_types and (texts := set(ambiguous(params)) - self.known.texts):
            self.known.texts |= texts
            self._tell(TEXT_PARAMS, sorted(self.known.texts))

    def metrics(self, given: Mapping[str, Any], step: Step, at: int | None = None) -> None:
        """Log numbers at a step, at each metric's next one, or (None) as finals; one that is not finite is only counted.

        Args:
            given: numbers by name.
            step: their step.
            at: when they were measured, in milliseconds since 1970; now when None.
        """
        numbers = {key: _number(key, value) for key, value in given.items()}
        steps = {key: self._next(key) if step == NEXT else step for key in numbers}
        at = now() if at is None else at
        for place in dict.fromkeys(steps.values()):
            these = {key: number for key, number in numbers.items() if steps[key] == place and math.isfinite(number)}
            if these:
                self.store.tracker.metrics(self.run_id, these, place, at)
        for key, number in numbers.items():
            self._remember(key, steps[key], number, at)
        if step is None and not self.store.keeps_types:
            self._tell(FINALS, self.known.finals)
        if any(not math.isfinite(number) for number in numbers.values()):
            self._tell(NOT_FINITE, self.known.not_finite)

    def artifact(self, name: str, artifact: Artifact) -> dict[str, Any]:
        """Keep an artifact and return its entry: type, size in bytes, sha256, media type, path."""
        path = path_of(name, artifact.ending)
        self.known.artifacts[name] = entry = artifact.entry(path)
        with tempfile.TemporaryDirectory() as folder:
            file, index = Path(folder) / path, Path(folder) / INDEX
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(artifact.content)
            index.write_text(json.dumps(self.known.artifacts, indent=1), encoding="utf-8")
            self.store.tracker.files(self.run_id, Path(folder))
        return entry

    def table(self, name: str, table: Any) -> dict[str, Any]:
        """Keep a table, which MLflow's page shows as one, and return its entry."""
        entry = self.artifact(name, of_table(name, table))
        tables = [each["path"] for each in self.known.artifacts.values() if each["type"] == "table"]
        self._tell(TABLES, [{"path": path, "type": "table"} for path in tables])
        return entry

    def model(self, model: Any, name: str) -> None:
        """Keep a model as a folder of data."""
        with tempfile.TemporaryDirectory() as folder:
            self.store.tracker.files(self.run_id, save_model(model, Path(folder) / name), name)

    def _remember(self, key: str, step: int | None, number: float, at: int) -> None:
        place = step or 0
        if not math.isfinite(number):
            before = self.known.not_finite.get(key, {"count": 0, "first": place})
            self.known.not_finite[key] = {"count": before["count"] + 1, "first": before["first"], "last": place}
        elif step is None:
            self.known.finals.setdefault(key, []).append(at)
        self.known.values.setdefault(key, []).append((place, number))

    def _next(self, key: str) -> int:
        values = self.known.values.get(key)
        return values[-1][0] + 1 if values else 0

    def _tell(self, tag: str, content: Any) -> None:
        self.store.tracker.tag(self.run_id, {tag: json.dumps(content, sort_keys=True)})


def _number(key: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(
            f"metric {key!r} is {value!r}, which is no number; log a tag or a parameter instead."
        ) from None
