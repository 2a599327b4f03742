"""Search an estimator's own space with Optuna: seeded TPE, median pruning, the default configuration as trial 0.

A trial is scored by the family's loss (the winner's log loss, for the order) on validation seasons that precede the held-out ones; held-out seasons never
get here. Trials run one after the other, because a parallel search cannot be repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pitwall.domain.errors import StageError
from pitwall.domain.params import TuningParams
from pitwall.ml.estimators import Estimator, FitInput
from pitwall.ml.estimators._estimator import Labelled

if TYPE_CHECKING:
    import optuna

log = logging.getLogger(__name__)
TrialState = Literal["COMPLETE", "PRUNED", "FAILED"]
EVERY = 5  # rounds between two reports to the pruner


@dataclass(frozen=True)
class TrialRecord:
    """One finished trial: its configuration, its validation loss, and the loss as learning went on."""

    number: int
    state: TrialState
    params: dict[str, Any]
    value: float | None
    history: tuple[tuple[int, float], ...] = ()
    reason: str = ""


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
        start, wait = self.settings.startup_trials, self.settings.pruner_warmup_rounds
        return {
            "pitwall.best_trial": str(self.best),
            "optuna.study": self.study,
            "optuna.trials": str(len(self.trials)),
            "optuna.sampler": f"TPESampler(seed={self.seed}, n_startup_trials={start})",
            "optuna.pruner": f"MedianPruner(n_startup_trials={start}, n_warmup_steps={wait})",
        }


@dataclass
class _Search:
    """The state of one search, shared between the objective and Optuna's callback."""

    plugin: Estimator
    train: Labelled
    later: Labelled
    seed: int
    on_trial: Callable[[TrialRecord], None]
    start: str = ""
    records: list[TrialRecord] = field(default_factory=list)
    settled: dict[int, dict[str, Any]] = field(default_factory=dict)

    def objective(self, trial: optuna.Trial) -> float:
        import optuna

        params = self.plugin.space(trial)
        trial.set_user_attr("params", params)

        def report(step: int, value: float) -> None:
            if step % EVERY:
                return
            trial.report(value, step)
            if trial.should_prune():
                raise optuna.TrialPruned

        try:
            fitted = self.plugin.fit(FitInput(*self.train, params, self.seed, self.later, report, self.start))
        except (ArithmeticError, ValueError) as error:
            trial.set_user_attr("reason", f"{type(error).__name__}: {error}")
            raise
        if fitted.validation_loss is None:
            raise StageError(f"the estimator {self.plugin.name} measured no validation loss, so it cannot be tuned.")
        self.settled[trial.number] = fitted.params
        return fitted.validation_loss

    def finished(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        import optuna

        states: dict[Any, TrialState] = {
            optuna.trial.TrialState.COMPLETE: "COMPLETE",
            optuna.trial.TrialState.PRUNED: "PRUNED",
        }
        state = states.get(trial.state, "FAILED")
        record = TrialRecord(
            trial.number,
            state,
            self.settled.get(trial.number, trial.user_attrs.get("params", trial.params)),
            trial.value if state == "COMPLETE" else None,
            tuple(sorted(trial.intermediate_values.items())),
            trial.user_attrs.get("reason", ""),
        )
        self.records.append(record)
        shown = "" if record.value is None else f", validation loss {record.value:.4f}"
        log.info("trial %d %s%s", record.number, record.state.lower(), shown)
        self.on_trial(record)


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
        settings: budget and pruning.
        seed: of the sampler and of every fit.
        on_trial: called after each trial in its true state.
        start: the feature that answers start from, empty for none.

    Raises:
        StageError: no trial finished, or the default configuration failed.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    state = _Search(plugin, train, later, seed, on_trial, start)
    study = optuna.create_study(
        study_name=f"{plugin.name}-seed{seed}-{settings.trials}trials",
        direction="minimize",
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=settings.startup_trials),
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=settings.startup_trials, n_warmup_steps=settings.pruner_warmup_rounds
        ),
    )
    study.enqueue_trial(plugin.default())
    study.optimize(
        state.objective, n_trials=settings.trials, callbacks=[state.finished], catch=(ArithmeticError, ValueError)
    )
    first = state.records[0]
    if first.state == "FAILED" or not state.settled:
        raise StageError(f"the default configuration of {plugin.name} failed: {first.reason or 'see the log'}.")
    best = study.best_trial
    records = tuple(state.records)
    settled = state.settled[best.number]
    return Found(settled, float(best.value), best.number, records, study.study_name, settings, seed)
