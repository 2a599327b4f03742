"""What there is to know of each version: stage, estimator, metrics, latency, what it was trained on, who approved it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pitwall.domain import renames
from pitwall.domain.errors import PitwallError
from pitwall.domain.numbers import Interval
from pitwall.domain.ports import History, ModelVersion, Registry
from pitwall.domain.records.aliases import stage_of
from pitwall.domain.tables import Tables
from pitwall.ml.evaluation.classes import counted
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.registry.approvals import valid
from pitwall.ml.registry.compare import latency, version_scores
from pitwall.ml.templates import template
from pitwall.ml.training.training_job import TrainingJob


@dataclass(frozen=True)
class Described:
    """One version for people and programs.

    Attributes:
        stage: its alias, `archived`, or `registered`.
        aliases: all that it holds.
        metrics: over its judged races, `template.metric`; empty where its files are gone.
        counted: accuracy, F1 and their kin over the same races, `template.metric`, as the family counts them.
        latency_ms: median measured when it was registered; None where it was not.
        trained_on: first and last season with results; empty where unknown.
        data: md5 of the frame that it learned from.
    """

    model: str
    version: int
    stage: str
    aliases: tuple[str, ...]
    role: str
    estimator: str
    created: str
    run_id: str
    content: str
    metrics: Mapping[str, float]
    latency_ms: float | None
    trained_on: tuple[int, ...]
    races: int | None
    data: str
    note: str = ""
    counted: Mapping[str, Interval] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Return the version as JSON."""
        return asdict(self)


def list_versions(job: TrainingJob, registry: Registry) -> list[Described]:
    """Return all versions of a model, oldest first, scored on the same results."""
    versions = registry.versions(job.name)
    tables = job.tables() if versions else None
    return [describe(job, registry, version, tables) for version in versions]


def describe(job: TrainingJob, registry: Registry, version: ModelVersion, tables: Tables | None = None) -> Described:
    """Return one version; where its files cannot be read, the note says why and the rest is told all the same."""
    aliases = registry.aliases(job.name)
    files = _of_files(job, registry, version, tables)
    return Described(
        model=version.model,
        version=version.version,
        stage=stage_of(version, aliases),
        aliases=tuple(sorted(alias for alias, holder in aliases.items() if holder == version.version)),
        role=version.tags.get("role", "unknown"),
        estimator=files.estimator,
        created=version.created,
        run_id=version.run_id,
        content=version.content,
        metrics=files.metrics,
        latency_ms=latency(version),
        trained_on=tuple(files.facts.get("trained_on", ())),
        races=files.facts.get("races"),
        data=files.facts.get("frame_md5", "unknown"),
        note=files.note,
        counted=files.counted,
    )


def decisions(registry: Registry, history: History, version: ModelVersion) -> dict[str, Any]:
    """Return what was decided about a version: its rows of the history, approvals that still count, last verdicts."""
    rows = history.rows(version.model)
    about = [row for row in rows if row["version"] == version.version or str(version.version) in row.get("stages", {})]
    verdicts = registry.get(version.model, version.version).tags.get("promotion.verdicts", "[]")
    return {
        "history": about,
        "approvals": [dict(row) for row in valid(rows, version.version)],
        "verdicts": [renames.verdict(each) for each in json.loads(verdicts)],
        "provenance": {key: value for key, value in sorted(version.tags.items()) if not key.startswith("promotion.")},
    }


@dataclass(frozen=True)
class _Files:
    """What the files of a version tell; the note says why they cannot be read."""

    estimator: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    counted: Mapping[str, Interval] = field(default_factory=dict)
    note: str = ""


def _of_files(job: TrainingJob, registry: Registry, version: ModelVersion, tables: Tables | None) -> _Files:
    found = _Files(version.tags.get("estimator", "unknown"))
    try:
        folder = registry.fetch(job.name, version.version)
        recipe = FittedModel.load(folder).recipe
        found = _Files(recipe.estimator, recipe.facts)
        scores = version_scores(job.model, folder, tables or job.tables())
    except PitwallError as error:
        return replace(found, note=str(error))
    shares = {
        f"{question}.{name}": share
        for question, known in scores.known.items()
        for name, share in counted(template(question), known, job.params.gates, job.params.seed).items()
    }
    metrics = {f"{question}.{metric}": value for (question, metric), value in scores.values().items()}
    return replace(found, metrics=metrics, counted=shares)
