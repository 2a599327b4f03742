"""Compare two versions on the races that both were judged on: every metric with its direction and its interval.

What is compared are the stored out-of-sample predictions of the versions, scored on the results as they are known now, race
by race. A version is called better only where the interval of the paired difference excludes zero.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.numbers import Interval
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.domain.tables import Tables
from pitwall.ml.evaluation.bootstrap import paired_difference, paired_statistic
from pitwall.ml.evaluation.scoring import (
    check_loss,
    metric_of,
    per_race,
    race_metrics,
    scored,
    whole_scores,
    with_whole,
)
from pitwall.ml.families import Metric
from pitwall.ml.families import metric as known_metric
from pitwall.ml.families.predictions import load_predictions
from pitwall.ml.models import model as definition
from pitwall.ml.rows.machinery.race_blocks import race_blocks
from pitwall.ml.templates import answered_by, template
from pitwall.ml.training.training_job import TrainingJob

LATENCY = "latency_ms"
Key = tuple[str, str]


@dataclass(frozen=True)
class Difference:
    """One metric of two versions.

    Attributes:
        question: the template, or the model's name for its answer as a whole.
        better: `lower`, `higher`, or `near` a value: then nobody wins.
        first: value over the common races of the first version; `second` likewise.
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


@dataclass(frozen=True)
class Judged:
    """What a version's stored predictions are worth, by (question, metric).

    Attributes:
        races: value per race, of metrics that have one.
        rows: scored rows, of metrics that are a statistic of all of them (an area under a curve).
        known: scored rows of each question.
    """

    races: dict[Key, pd.Series[float]]
    rows: dict[Key, pd.DataFrame]
    known: dict[str, pd.DataFrame]

    def values(self) -> dict[Key, float]:
        """Return every metric over all races."""
        found = {key: float(values.mean()) for key, values in self.races.items()}
        for key, rows in self.rows.items():
            metric = metric_of(template(key[0]), key[1])
            sums = _sums(metric, rows)
            assert metric.statistic is not None
            found[key] = float(metric.statistic(sums.sum(axis=0, keepdims=True), len(sums))[0])
        return found


def compare(job: TrainingJob, registry: Registry, first: ModelVersion, second: ModelVersion) -> list[Difference]:
    """Return how two versions of a model differ, metric by metric; the latency, which has no races, comes last.

    Raises:
        StageError: the versions were judged on no common race.
    """
    tables = job.tables()
    ours, theirs = (version_scores(job.model, registry.fetch(job.name, v.version), tables) for v in (first, second))
    found = differences(job, (ours, theirs), (first.version, second.version))
    return [*found, _latency(job.name, first, second)]


def differences(job: TrainingJob, both: tuple[Judged, Judged], numbers: tuple[int, int] = (1, 2)) -> list[Difference]:
    """Return how what two models said differs, metric by metric, on the races that both were judged on.

    Args:
        job: says how races are resampled.
        both: what each one said is worth.
        numbers: by which they are called: versions, or the first and the second.

    Raises:
        StageError: there is no common race.
    """
    ours, theirs = both
    found = [_by_race(key, both, numbers, job) for key in ours.races if key in theirs.races]
    return [*found, *(_of_all(key, both, numbers, job) for key in ours.rows if key in theirs.rows)]


def version_scores(model: str, folder: Path, tables: Tables) -> Judged:
    """Return what a version's stored predictions are worth.

    Raises:
        StageError: the present data hold none of the races that it was judged on.
    """
    return judged(model, load_predictions(folder), tables)


def judged(model: str, own: pd.DataFrame, tables: Tables) -> Judged:
    """Return what the predictions of one estimator are worth.

    Raises:
        StageError: the present data hold none of their races.
    """
    if not own["race_id"].isin(tables["results"]["race_id"]).any():
        raise StageError("the data in use hold none of the races that this version was judged on: another source?")
    parts: dict[str, pd.DataFrame] = {}
    rows: dict[Key, pd.DataFrame] = {}
    of_questions: dict[str, pd.DataFrame] = {}
    for asked in answered_by(model):
        check_loss(asked)
        known, by_race = scored(asked, own, tables), race_metrics(asked)
        of_questions[asked.name] = known
        parts[asked.name] = per_race(known, [metric_of(asked, name) for name in by_race])
        rows |= {(asked.name, name): known for name in asked.metrics if name not in by_race}
    if definition(model).answers.whole:
        parts[model] = with_whole(parts.get(model), whole_scores(model, own, tables))
    races = {
        (question, str(metric)): scores[metric]
        for question, scores in parts.items()
        for metric in scores.columns
        if metric != "season"
    }
    return Judged(races, rows, of_questions)


def _by_race(key: Key, both: tuple[Judged, Judged], versions: tuple[int, int], job: TrainingJob) -> Difference:
    """Return how two versions differ in a metric that has a value of each race."""
    ours, theirs = (judged.races[key] for judged in both)
    common = ours.index[ours.index.isin(_common(ours.index, theirs.index, versions, job))]
    gates, seed = job.params.gates, job.params.seed
    left, right = ours[common].to_numpy(), theirs[common].to_numpy()
    found = paired_difference(left, right, gates.bootstrap_draws, seed, gates.confidence)
    return _difference(key, (float(left.mean()), float(right.mean())), found, versions)


def _of_all(key: Key, both: tuple[Judged, Judged], versions: tuple[int, int], job: TrainingJob) -> Difference:
    """Return how two versions differ in a metric of all rows together, over the same drawn races."""
    metric, gates = metric_of(template(key[0]), key[1]), job.params.gates
    ours, theirs = (judged.rows[key] for judged in both)
    common = _common(ours["race_id"], theirs["race_id"], versions, job)
    left, right = (_sums(metric, rows[rows["race_id"].isin(common)]) for rows in (ours, theirs))
    assert metric.statistic is not None
    found = paired_statistic(
        left, right, metric.statistic, draws=gates.bootstrap_draws, seed=job.params.seed, confidence=gates.confidence
    )
    values = [float(metric.statistic(sums.sum(axis=0, keepdims=True), len(sums))[0]) for sums in (left, right)]
    return _difference(key, (values[0], values[1]), found, versions)


def _common(
    ours: pd.Index | pd.Series, theirs: pd.Index | pd.Series, versions: tuple[int, int], job: TrainingJob
) -> set[int]:
    common = {int(race) for race in ours} & {int(race) for race in theirs}
    if not common:
        raise StageError(f"versions {versions[0]} and {versions[1]} of {job.name} were judged on no common race.")
    return common


def _sums(metric: Metric, rows: pd.DataFrame) -> np.ndarray:
    """Return the sums of each race, races in the order of their ids."""
    assert metric.sums is not None
    ordered = rows.sort_values("race_id", kind="stable", ignore_index=True)
    return metric.sums(ordered, race_blocks(ordered["race_id"].to_numpy()))


def _difference(key: Key, values: tuple[float, float], found: Interval, versions: tuple[int, int]) -> Difference:
    metric = known_metric(key[1])
    told_apart = metric.target is None and not found.low <= 0 <= found.high
    winner = versions[1 if metric.worse(*values) else 0] if told_apart else None
    return Difference(
        question=key[0],
        metric=metric.name,
        better=metric.better,
        first=values[0],
        second=values[1],
        delta=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        detectable=found.detectable if found.n > 1 else None,
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
