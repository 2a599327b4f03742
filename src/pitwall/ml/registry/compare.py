"""Compare two versions on the races that both were judged on: every metric with its direction and its interval.

What is compared are the stored out-of-sample predictions of the versions, scored on the results as they are known now, race
by race. A version is called better only where the interval of the paired difference excludes zero.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.domain.tables import Tables
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.evaluation.scoring import template_scores, whole_scores
from pitwall.ml.families import metric as known_metric
from pitwall.ml.families.predictions import load_predictions
from pitwall.ml.models import model as definition
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob

LATENCY = "latency_ms"
Scores = dict[tuple[str, str], "pd.Series[float]"]


@dataclass(frozen=True)
class Difference:
    """One metric of two versions.

    Attributes:
        question: the template, or the model's name for the order as a whole.
        better: `lower` or `higher`.
        first: mean over the common races of the first version; `second` likewise.
        delta: second - first, with its interval `low` to `high`; None where nothing is resampled.
        n: common races.
        detectable: the smallest true difference that would be seen four times out of five.
        winner: the better version, None where the interval holds zero.
    """

    question: str
    metric: str
    better: str
    first: float | None
    second: float | None
    delta: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    detectable: float | None = None
    winner: int | None = None

    def row(self) -> dict[str, Any]:
        """Return the difference as JSON."""
        return asdict(self)


def compare(job: TrainingJob, registry: Registry, first: ModelVersion, second: ModelVersion) -> list[Difference]:
    """Return how two versions of a model differ, metric by metric; the latency, which has no races, comes last.

    Raises:
        StageError: the versions were judged on no common race.
    """
    tables = job.tables()
    ours, theirs = (version_scores(job.model, registry.fetch(job.name, v.version), tables) for v in (first, second))
    found = [
        _difference(key, ours[key], theirs[key], (first.version, second.version), job) for key in ours if key in theirs
    ]
    return [*found, _latency(job.name, first, second)]


def version_scores(model: str, folder: Path, tables: Tables) -> Scores:
    """Return {(question, metric): value per race} of a version's stored predictions.

    Raises:
        StageError: the present data hold none of the races that it was judged on.
    """
    own = load_predictions(folder)
    if not own["race_id"].isin(tables["results"]["race_id"]).any():
        raise StageError("the data in use hold none of the races that this version was judged on: another source?")
    parts = {template.name: template_scores(template, own, tables) for template in answered_by(model)}
    if definition(model).answers.whole:
        parts[model] = whole_scores(model, own, tables)
    return {
        (question, str(metric)): scores[metric]
        for question, scores in parts.items()
        for metric in scores.columns
        if metric != "season"
    }


def _difference(
    key: tuple[str, str], ours: pd.Series[float], theirs: pd.Series[float], versions: tuple[int, int], job: TrainingJob
) -> Difference:
    question, metric = key
    common = ours.index.intersection(theirs.index)
    if common.empty:
        raise StageError(f"versions {versions[0]} and {versions[1]} of {job.name} were judged on no common race.")
    gates, seed = job.params.gates, job.params.seed
    left, right = ours[common].to_numpy(), theirs[common].to_numpy()
    found = paired_difference(left, right, gates.bootstrap_draws, seed, gates.confidence)
    lower = not known_metric(metric).higher_is_better
    sign = 0 if found.low <= 0 <= found.high else 1 if found.value > 0 else -1
    winner = None if sign == 0 else versions[0] if (sign > 0) == lower else versions[1]
    return Difference(
        question=question,
        metric=metric,
        better="lower" if lower else "higher",
        first=float(left.mean()),
        second=float(right.mean()),
        delta=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        detectable=found.detectable if len(common) > 1 else None,
        winner=winner,
    )


def _latency(name: str, first: ModelVersion, second: ModelVersion) -> Difference:
    """Return the measured latencies beside each other: one machine's clock has no races to resample."""
    before, after = latency(first), latency(second)
    delta = None if before is None or after is None else after - before
    return Difference(name, LATENCY, "lower", before, after, delta)


def latency(version: ModelVersion) -> float | None:
    """Return the milliseconds that were measured when a version was registered, None where they were not."""
    text = version.tags.get(LATENCY, "")
    try:
        return float(text)
    except ValueError:
        return None
