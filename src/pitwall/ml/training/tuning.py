"""Search an estimator's own space: what a trial of an estimator is, and the search that every training makes.

A trial is scored by the family's loss (the winner's log loss, for the order) on validation seasons that precede the held-out ones; held-out seasons never
get here. The default configuration is trial 0. How trials are chosen, pruned and kept is `pitwall.ml.search`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pitwall.domain.errors import StageError
from pitwall.domain.params import TuningParams
from pitwall.ml.estimators import Estimator, FitInput, estimator
from pitwall.ml.estimators._estimator import Labelled
from pitwall.ml.search import engine
from pitwall.ml.search.methods import named
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.search.trials import Score, Trial, TrialRecord, TrialState

__all__ = ["EstimatorTrial", "Found", "TrialRecord", "TrialState", "search", "settings_of_study"]

EVERY = 5  # rounds between two reports to the pruner


@dataclass(frozen=True)
class Found:
    """What a search found: the settled parameters of the best trial, its loss, and all trials; which study it was."""

    params: dict[str, Any]
    value: float
    best: int
    trials: tuple[TrialRecord, ...]
    study: str = ""
    settings: TuningParams = field(default_factory=TuningParams)
    seed: int = 0

    def tags(self) -> dict[str, str]:
        """Return the study and its best trial as tags of a run."""
        sampler, pruner = named(settings_of_study(self.settings, self.seed))
        return {
            "pitwall.best_trial": str(self.best),
            "optuna.study": self.study,
            "optuna.trials": str(len(self.trials)),
            "optuna.sampler": sampler,
            "optuna.pruner": pruner,
        }


@dataclass(frozen=True)
class EstimatorTrial:
    """The objective: fit a configuration on races, measure its loss on later ones.

    Attributes:
        plugin: the estimator.
        train: labelled races to learn from.
        later: labelled races after them to score on.
        start: the feature that answers start from, empty for none.
        family: of the estimator; a worker process finds the plug-in there by its name, wherever the plug-in comes from.
    """

    plugin: Estimator
    train: Labelled
    later: Labelled
    start: str = ""
    family: str = ""

    def __call__(self, trial: Trial) -> Score:
        """Return the loss with what the later races settled.

        Raises:
            StageError: the estimator measures no loss.
        """

        def report(step: int, value: float) -> None:
            if step % EVERY == 0:
                trial.report(step, value)

        fitted = self.plugin.fit(FitInput(*self.train, trial.params, trial.seed, self.later, report, self.start))
        if fitted.validation_loss is None:
            raise StageError(f"the estimator {self.plugin.name} measured no validation loss, so it cannot be tuned.")
        return Score(fitted.validation_loss, fitted.params)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel by the estimator's name where its family is known."""
        rest = (self.train, self.later, self.start, self.family)
        return (_of_family, (self.plugin.name, *rest)) if self.family else (EstimatorTrial, (self.plugin, *rest))


def _of_family(name: str, train: Labelled, later: Labelled, start: str, family: str) -> EstimatorTrial:
    return EstimatorTrial(estimator(family, name), train, later, start, family)


def settings_of_study(settings: TuningParams, seed: int) -> SearchSettings:
    """Return how the search of a training goes: one seed throughout, as the model is fitted by it; one trial after the other."""
    return SearchSettings(
        trials=settings.trials,
        method=settings.method,
        pruner=settings.pruner,
        seed=seed,
        startup_trials=settings.startup_trials,
        warmup=settings.pruner_warmup_rounds,
        one_seed=True,
    )


def search(
    plugin: Estimator,
    train: Labelled,
    later: Labelled,
    settings: TuningParams,
    *,
    seed: int,
    on_trial: Callable[[TrialRecord], None],
    start: str = "",
) -> Found:
    """Return the best configuration of an estimator.

    Args:
        plugin: the estimator with its space.
        train: labelled races to learn from.
        later: labelled races after them to score on.
        settings: method, budget and pruning.
        seed: of the sampler and of every fit.
        on_trial: called after each trial in its true state.
        start: the feature that answers start from, empty for none.

    Raises:
        StageError: no trial finished, or the default configuration failed.
    """
    name = f"{plugin.name}-seed{seed}-{settings.trials}trials"
    result = engine.search(
        EstimatorTrial(plugin, train, later, start),
        plugin.space,
        settings_of_study(settings, seed),
        name=name,
        first=[plugin.default()],
        on_trial=on_trial,
    )
    if result.stopped == "interrupt":  # a training that is stopped has no use for half a search
        raise KeyboardInterrupt
    first = result.trials[0]
    if first.state == "FAILED":
        raise StageError(f"the default configuration of {plugin.name} failed: {first.reason or 'see the log'}.")
    best = result.best
    assert best.value is not None
    return Found(best.params, best.value, best.number, result.trials, name, settings, seed)
