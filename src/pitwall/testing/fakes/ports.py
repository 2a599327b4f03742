"""Fakes of the tools' ports, in memory: they keep what they are told and refuse what the real ones refuse."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain.errors import FeatureError, TrackingError, UnknownName
from pitwall.domain.numbers import checked
from pitwall.domain.params import Params
from pitwall.domain.ports import Measured, ModelInterface, ModelVersion, RunRecord, RunStatus, Served
from pitwall.domain.records.aliases import CANDIDATE, is_offered
from pitwall.domain.refs import FrameRef, folder_hash
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.known import as_known
from pitwall.ml.models.machinery.fitted import FittedModel


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
    contents: dict[str, bytes] = field(default_factory=dict)
    datasets: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    status: str = "RUNNING"

    @property
    def files(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted(self.contents)


class FakeTracker:
    """A `domain.ports.Tracker` and `domain.ports.RunReader` in memory; look at `runs` afterwards."""

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
        for key, value in _flatten(params).items():
            if run.params.setdefault(key, value) != value:
                raise TrackingError(f"parameter {key} of run {run_id} is {run.params[key]!r} already, not {value!r}.")

    def metrics(
        self, run_id: str, metrics: Mapping[str, float], step: int | None = None, at: int | None = None
    ) -> None:
        """Log numbers; one that is not finite is refused, as by the real one."""
        run, numbers = self._open(run_id), checked(metrics, step)
        run.metrics.update(numbers)
        if step is not None:
            run.history += [(key, step, value) for key, value in numbers.items()]

    def curve(self, run_id: str, metric: str, values: Sequence[tuple[int, float]]) -> None:
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
        return [run_id for run_id in self.runs if prefix and run_id.startswith(prefix)]

    def read(self, run_id: str) -> RunRecord:
        """Return a run."""
        if run_id not in self.runs:
            raise UnknownName("run", run_id, self.runs)
        run = self.runs[run_id]
        params = {key: str(value) for key, value in run.params.items()}
        own = (dict(run.tags), params, dict(run.metrics), tuple((context, md5) for md5, context in run.datasets))
        return RunRecord(run_id, run.name, run.status, run.experiment, run.parent, "", "", *own)

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return the runs, or those of one experiment, that are not nested, the newest first."""
        found = [(run_id, run) for run_id, run in reversed(self.runs.items()) if run.parent is None]
        return [self.read(run_id) for run_id, run in found if experiment in (None, run.experiment)]

    def names(self, experiment: str) -> set[str]:
        """Return the names of an experiment's runs."""
        return {record.name for record in self.all() if record.experiment == experiment}

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of a metric, in the order of the steps; a number without a step is one of step 0, as in MLflow."""
        run = self.runs[run_id]
        found = [(step, value) for name, step, value in run.history if name == metric]
        lone = [(0, run.metrics[metric])] if metric in run.metrics and not found else []
        return sorted(found, key=lambda pair: pair[0]) or lone

    def measured(self, run_id: str, metric: str) -> list[Measured]:
        """Return the same with instants, all of them 0: no time goes by here."""
        return [Measured(step, value, 0) for step, value in self.history(run_id, metric)]

    def page(self, run_id: str) -> str:
        """Return the text of the run's page."""
        return self.runs[run_id].text

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

    def children(self, run_id: str) -> list[FakeRun]:
        """Return the nested runs of a run, in order."""
        return [run for run in self.runs.values() if run.parent == run_id]

    def _open(self, run_id: str) -> FakeRun:
        run = self.runs[run_id]
        if run.status != "RUNNING":
            raise TrackingError(f"run {run_id} is {run.status}; nothing may be logged any more.")
        return run


class FakeRegistry:
    """A `domain.ports.Registry` in memory; model folders stay where they are."""

    def __init__(self) -> None:
        self.entries: dict[str, list[ModelVersion]] = {}
        self.held: dict[str, dict[str, int]] = {}
        self.folders: dict[tuple[str, int], Path] = {}
        self.examples: dict[tuple[str, int], pd.DataFrame] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.descriptions: dict[tuple[str, int | None], str] = {}

    def register(
        self, model: str, run_id: str, folder: Path, example: pd.DataFrame, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Register a folder; the same content again returns its version."""
        content = folder_hash(folder)
        version = self.find(model, content)
        if version is None:
            entries = self.entries.setdefault(model, [])
            version = ModelVersion(model, len(entries) + 1, run_id, content, dict(tags))
            entries.append(version)
            self.folders[model, version.version] = folder
            self.examples[model, version.version] = example
        if is_offered(version, self.aliases(model)):
            self.set_alias(model, CANDIDATE, version.version)
        return version

    def find(self, model: str, content: str) -> ModelVersion | None:
        """Return the version with this content."""
        return next((entry for entry in self.entries.get(model, []) if entry.content == content), None)

    def get(self, model: str, version: int) -> ModelVersion:
        """Return a version by number."""
        entries = {entry.version: entry for entry in self.versions(model)}
        if version not in entries:
            raise UnknownName(f"version of {model}", str(version), map(str, entries))
        return entries[version]

    def models(self) -> list[str]:
        """Return the registered names."""
        return sorted(self.entries)

    def versions(self, model: str) -> list[ModelVersion]:
        """Return all versions of a model."""
        return list(self.entries.get(model, []))

    def alias(self, model: str, alias: str) -> ModelVersion | None:
        """Return the version that holds an alias."""
        number = self.aliases(model).get(alias)
        return None if number is None else self.get(model, number)

    def aliases(self, model: str) -> dict[str, int]:
        """Return {alias: version}."""
        return dict(self.held.get(model, {}))

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Move an alias."""
        self.held.setdefault(model, {})[alias] = self.get(model, version).version

    def drop_alias(self, model: str, alias: str) -> None:
        """Take an alias away."""
        self.held.get(model, {}).pop(alias, None)

    def tag(self, model: str, version: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""
        entry = self.get(model, version)
        self.entries[model][version - 1] = replace(entry, tags={**entry.tags, **tags})

    def describe(self, model: str, text: str, version: int | None = None) -> None:
        """Remember a description in `descriptions`."""
        self.descriptions[model, version] = text

    def model_tags(self, model: str) -> dict[str, str]:
        """Return the tags of the model itself."""
        return dict(self.tags.get(model, {}))

    def tag_model(self, model: str, tags: Mapping[str, str]) -> None:
        """Set tags on the model itself."""
        self.tags.setdefault(model, {}).update(tags)

    def fetch(self, model: str, version: int) -> Path:
        """Return the registered folder."""
        return self.folders[self.get(model, version).model, version]

    def interface(self, model: str, version: int) -> ModelInterface:
        """Return the signature of the example, and the answers of the folder."""
        example = self.examples[model, version].select_dtypes(exclude=["datetimetz", "datetime"])
        inputs = {str(name): str(kind) for name, kind in example.dtypes.items()}
        return ModelInterface(inputs, example, FittedModel.load(self.fetch(model, version)).positions)


class FakeFeatureReader:
    """A `domain.ports.FeatureReader` on tables in memory: groups are built when they are first asked for."""

    def __init__(self, tables: Tables, params: Params | None = None) -> None:
        self._tables, self._params = tables, params or Params()
        self._built: dict[str, pd.DataFrame] = {}
        self.served: set[tuple[str, pd.Timestamp]] = set()

    def historical(self, spine: pd.DataFrame, service: str | Sequence[str], *, inclusive: bool = False) -> pd.DataFrame:
        """Return the spine with the features of a set, or of groups by name."""
        wanted = feature_sets()[service] if isinstance(service, str) else [groups()[name] for name in service]
        frame = spine
        for group in wanted:
            if group.name not in self._built:
                self._built[group.name] = build_group(group, self._tables, self._params)
            found = as_known(spine, group, self._built[group.name], inclusive=inclusive)
            frame = frame.assign(**{name: found[name].to_numpy() for name in group.names})
        return frame

    def materialise(self, cutoff: pd.Timestamp, service: str) -> Served:
        """Serve a feature set at a cut-off, beside the others."""
        self.served.add((service, cutoff))
        return Served(service, cutoff, cutoff, f"{service} {cutoff}")

    def online(self, rows: Sequence[Mapping[str, int]], service: str, cutoff: pd.Timestamp) -> pd.DataFrame:
        """Return what a materialised cut-off may see."""
        if (service, cutoff) not in self.served:
            raise FeatureError(f"the online store does not serve {service!r} as of {cutoff}.")
        return self.historical(pd.DataFrame(list(rows)).assign(cutoff=cutoff), service).drop(columns="cutoff")


def _flatten(params: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in params.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat
