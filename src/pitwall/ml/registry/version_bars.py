"""What the versions of a model are worth, side by side: each question's main loss with its interval, and what tells a version apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pitwall.domain.errors import PitwallError
from pitwall.domain.numbers import Interval
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.tables import Tables
from pitwall.ml.evaluation.bootstrap import mean_interval
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.registry.compare import version_scores
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob

RATES = ("eta", "learning_rate", "rate")  # what estimators call the learning rate


@dataclass(frozen=True)
class VersionBar:
    """One version in the picture.

    Attributes:
        settings: of its recipe, those that are numbers, words or truth values.
        champion: it holds that alias now.
        losses: {question: main loss over the races that it was judged on}; none where its files cannot be read, and `note` says why.
    """

    version: int
    estimator: str
    champion: bool
    baseline: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    losses: Mapping[str, Interval] = field(default_factory=dict)
    note: str = ""


def version_bars(job: TrainingJob, registry: Registry, last: int) -> list[VersionBar]:
    """Return the newest versions of a model, and the champion if it is none of them, oldest first.

    Args:
        job: of the model.
        registry: that keeps them.
        last: how many of the newest.
    """
    versions, champion = registry.versions(job.name), registry.aliases(job.name).get(CHAMPION)
    chosen = [each for each in versions[:-last] if each.version == champion] + versions[-last:]
    tables = job.tables() if chosen else None
    return [_bar(job, registry, each, tables, champion=each.version == champion) for each in chosen]


def labels(bars: Sequence[VersionBar]) -> list[str]:
    """Return what each version is called: its number, estimator, and learning rate or the setting that tells it from others of its kind."""
    return [_label(bar, [each for each in bars if each.estimator == bar.estimator]) for bar in bars]


def _bar(
    job: TrainingJob, registry: Registry, version: ModelVersion, tables: Tables | None, *, champion: bool
) -> VersionBar:
    named, baseline = version.tags.get("estimator", "unknown"), version.tags.get("role") == "baseline"
    bar = VersionBar(version.version, named, champion, baseline)
    try:
        folder = registry.fetch(job.name, version.version)
        recipe = FittedModel.load(folder).recipe
        settings = {name: value for name, value in recipe.params.items() if isinstance(value, int | float | str)}
        bar = replace(bar, estimator=recipe.estimator, settings=settings)
        races = version_scores(job.model, folder, tables or job.tables()).races
    except PitwallError as error:
        return replace(bar, note=str(error))
    draws, level = job.params.gates.bootstrap_draws, job.params.gates.confidence
    losses = {
        each.name: mean_interval(races[each.name, each.loss].to_numpy(), draws, job.params.seed, level)
        for each in answered_by(job.model)
    }
    return replace(bar, losses=losses)


def _label(bar: VersionBar, of_its_kind: Sequence[VersionBar]) -> str:
    rate = next((name for name in RATES if name in bar.settings), None)
    differing = (name for name in bar.settings if len({each.settings.get(name) for each in of_its_kind}) > 1)
    name = rate or next(differing, next(iter(bar.settings), None))
    words = "learning rate" if name == rate else str(name).replace("_", " ")
    telling = f", {words} {_short(bar.settings[name])}" if name else ""
    return f"v{bar.version} {bar.estimator}{telling}" + " (champion)" * bar.champion + " (baseline)" * bar.baseline


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
