"""Is a version better than every earlier one of its model? Asked on races that both were judged on, by the main loss.

A version of other data has no race in common and is no rival: its number answers another question.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.domain.errors import StageError, TrackingError
from pitwall.domain.numbers import Interval
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.evaluation.scoring import labelled_once, template_scores
from pitwall.ml.families.predictions import load_predictions
from pitwall.ml.templates import Template, answered_by
from pitwall.ml.training.training_job import TrainingJob

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables


@dataclass(frozen=True)
class Improvement:
    """How much less a version loses than the best earlier one.

    Attributes:
        metric: `template.loss`.
        rival: number of the best earlier version.
        value: mean loss on the common races; `before` is the rival's.
        gain: before - value, with its paired interval.
        confidence: of the interval.
    """

    metric: str
    rival: int
    value: float
    before: float
    gain: Interval
    confidence: float

    def told(self) -> str:
        """Return it as a sentence."""
        gain = self.gain
        chance = "" if gain.low > 0 else "; the interval holds 0, so it may be chance"
        return (
            f"{self.metric} {self.value:.4f}, {gain.value:.4f} less than version {self.rival}, the best before it "
            f"({self.confidence:.0%} interval {gain.low:.4f} to {gain.high:.4f}, {gain.n} common races{chance})."
        )


def improvement(job: TrainingJob, registry: Registry, version: int) -> Improvement | None:
    """Return how much better a version is than all before it; None where it is not, or none of them can be compared.

    Baselines do not count, neither as the version nor as earlier ones.
    """
    tables = job.tables()
    asked = labelled_once(main_template(job), tables)
    models = [each for each in registry.versions(job.name) if each.tags.get("role") != "baseline"]
    own = next((_losses(asked, registry, each, tables) for each in models if each.version == version), None)
    if own is None:
        return None
    rivals = {each.version: _losses(asked, registry, each, tables) for each in models if each.version < version}
    paired = {number: _paired(own, theirs) for number, theirs in rivals.items() if theirs is not None}
    gains = {number: both for number, both in paired.items() if len(both)}
    if not gains or min(_gain(both) for both in gains.values()) <= 0:
        return None
    rival = min(gains, key=lambda number: _gain(gains[number]))
    both, gates = gains[rival], job.params.gates
    found = paired_difference(
        both["ours"].to_numpy(), both["theirs"].to_numpy(), gates.bootstrap_draws, job.params.seed, gates.confidence
    )
    means = float(both["ours"].mean()), float(both["theirs"].mean())
    return Improvement(f"{asked.name}.{asked.loss}", rival, *means, found, gates.confidence)


def main_template(job: TrainingJob) -> Template:
    """Return the question whose loss a model is tuned by, else its first one."""
    asked = answered_by(job.model)
    return next((each for each in asked if each.loss == job.definition.answers.tuned_by), asked[0])


def _losses(asked: Template, registry: Registry, version: ModelVersion, tables: Tables) -> pd.Series[float] | None:
    """Return a version's loss by race, None where its files are gone or the present data hold none of its races."""
    try:
        folder: Path = registry.fetch(version.model, version.version)
        return template_scores(asked, load_predictions(folder), tables)[asked.loss]
    except (StageError, TrackingError):
        return None


def _paired(ours: pd.Series[float], theirs: pd.Series[float]) -> pd.DataFrame:
    return ours.to_frame("ours").join(theirs.rename("theirs"), how="inner").sort_index()


def _gain(both: pd.DataFrame) -> float:
    return float((both["theirs"] - both["ours"]).mean())
