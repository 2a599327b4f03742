"""Keep a manifest beside its run: logged when the run opens, completed with what was found and measured when it ends.

Between the two it waits in `.pitwall/manifests/<run>/`, so that the tasks of a flow need to hand on nothing but the run id.
A run that dies keeps the manifest of its beginning.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import RunReader, RunRecord, Tracker
from pitwall.domain.project import Project
from pitwall.tracking import meter
from pitwall.tracking.capture import Captured
from pitwall.tracking.manifest import FILE, FOLDER, RunManifest, load
from pitwall.tracking.names import model_name
from pitwall.tracking.sections.artifacts import artifacts
from pitwall.tracking.sections.unknown import unknown

METER, TAGS = "meter.json", "tags.json"
INFERENCE = ("p50_ms", "p95_ms", "p99_ms", "rows_per_s")


@dataclass(frozen=True)
class ManifestRecord:
    """The account of one training, kept beside its run.

    Attributes:
        project: whose state folder keeps the manifest meanwhile.
        tracker: gets files, tags and numbers.
        runs: says what was logged on the way.
        captured: what is logged at the beginning; not needed to complete.
    """

    project: Project
    tracker: Tracker
    runs: RunReader
    captured: Captured | None = None

    def begin(self, run_id: str) -> None:
        """Log the manifest with the files beside it, and start to measure; the run was opened with the captured tags and has its parameters.

        Raises:
            TrackingError: nothing was captured.
        """
        if self.captured is None:
            raise TrackingError("there is no captured manifest to begin with; call `capture` first.")
        record = self.runs.read(run_id)
        mlflow = {"run": run_id, "run_name": record.name, "experiment": record.experiment}
        first = {"params": len(record.params), "metrics": len(record.metrics)}
        later = {"mlflow": mlflow, "optuna": unknown("not searched yet"), "logged_first": first}
        manifest = self.captured.manifest.with_(orchestration=later)
        home = self._home(run_id)
        shutil.rmtree(home, ignore_errors=True)
        (home / FOLDER).mkdir(parents=True)
        for name, content in self.captured.files.items():
            (home / FOLDER / name).write_bytes(content)
        (home / FOLDER / FILE).write_text(manifest.to_json(), encoding="utf-8")
        (home / TAGS).write_text(json.dumps(self.captured.tags), encoding="utf-8")
        self.tracker.files(run_id, home / FOLDER, FOLDER)
        (home / METER).write_text(json.dumps(meter.start()), encoding="utf-8")

    def tags(self, run_id: str) -> dict[str, str]:
        """Return what the run was tagged with when it began: where its model comes from."""
        return dict(json.loads(self._waiting(run_id, TAGS).read_text(encoding="utf-8")))

    def complete(self, run_id: str, recipe: Mapping[str, Any], peaks: Mapping[str, float] | None = None) -> None:
        """Log the manifest again, now with recipe (empty where none was sought), study, version, costs, and hashes of all files.

        Args:
            run_id: of the run.
            recipe: what tuning found.
            peaks: of what was sampled meanwhile; they stand among the resources as `peak.<name>`.
        """
        resources = meter.stop(json.loads(self._waiting(run_id, METER).read_text(encoding="utf-8")))
        resources |= {f"peak.{name.removeprefix('system.')}": round(value, 1) for name, value in (peaks or {}).items()}
        path = self._waiting(run_id, FOLDER) / FILE
        record = self.runs.read(run_id)
        manifest = _completed(load(path), record, recipe).with_(resources=resources)
        numbers = {f"resources.{name}": value for name, value in resources.items() if isinstance(value, float)}
        self.tracker.metrics(run_id, numbers)
        with self.runs.held(run_id) as files:
            manifest = manifest.with_(artifacts=artifacts(files))
        path.write_text(manifest.to_json(), encoding="utf-8")
        self.tracker.files(run_id, path, FOLDER)
        if version := record.tags.get("pitwall.version"):
            dataset = "_".join(sorted(manifest.data["snapshots"])) or "none"
            self.tracker.tag(run_id, {"pitwall.model_name": model_name(recipe["estimator"], dataset, version)})
        shutil.rmtree(self._home(run_id))

    def _home(self, run_id: str) -> Path:
        return self.project.state / "manifests" / run_id

    def _waiting(self, run_id: str, name: str) -> Path:
        path = self._home(run_id) / name
        if not path.exists():
            raise TrackingError(f"run {run_id} was not begun with a manifest, or is complete; there is no {path.name}.")
        return path


def _completed(manifest: RunManifest, record: RunRecord, recipe: Mapping[str, Any]) -> RunManifest:
    """Return the manifest with what the run says of itself."""
    tags, numbers = record.tags, record.metrics
    measured = {name: numbers[f"inference.{name}"] for name in INFERENCE if f"inference.{name}" in numbers}
    harness = tags.get("inference.harness", unknown("not said"))
    version = tags.get("pitwall.version", unknown("nothing was registered"))
    return manifest.with_(
        config={"recipe": json.loads(json.dumps(recipe)) or unknown("the experiment named none")},
        orchestration={
            "optuna": _study(tags),
            "mlflow": {**manifest.orchestration["mlflow"], "version": version, "content": tags.get("pitwall.content")},
        },
        inference={**measured, "harness": harness} if measured else dict.fromkeys(INFERENCE, unknown("not measured")),
    )


def _study(tags: Mapping[str, str]) -> dict[str, Any] | str:
    if "optuna.study" not in tags:
        return unknown("nothing was searched; the default configuration was taken")
    return {
        "study": tags["optuna.study"],
        "trials": int(tags["optuna.trials"]),
        "best_trial": int(tags["pitwall.best_trial"]),
        "sampler": tags["optuna.sampler"],
        "pruner": tags["optuna.pruner"],
    }
