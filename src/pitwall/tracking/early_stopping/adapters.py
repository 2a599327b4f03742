"""The rule where others hold the loop: a callback of XGBoost, a keeper of a PyTorch model's best weights, a trial of Optuna."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.tracking.early_stopping.rule import EarlyStopping


def xgboost_callback(stopping: EarlyStopping, metric: str, data: str) -> Any:
    """Return a callback for `xgboost.train(..., callbacks=[...])` that ends the training by the rule.

    Args:
        stopping: the rule; its `best_at` is the best round afterwards, for `booster[: best_at + 1]`.
        metric: as XGBoost calls it, e.g. mlogloss.
        data: which of the `evals` is watched; never the one that is learned from.

    Raises:
        UsageError: (in the training) nothing is measured under these names; says what is.
    """
    from xgboost.callback import TrainingCallback

    class Stop(TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[float]]]) -> bool:
            if metric not in evals_log.get(data, {}):
                measured = (
                    ", ".join(f"{name} {each}" for name, found in evals_log.items() for each in found) or "nothing"
                )
                raise UsageError(f"XGBoost does not measure {data} {metric}; it measures {measured}.")
            return stopping(evals_log[data][metric][-1])

    return Stop()


@dataclass
class BestWeights:
    """Ends a loop of PyTorch by the rule and keeps the weights of the best epoch.

    Attributes:
        model: the module that is trained.
        stopping: the rule.

    Example:
        `if best(validation_loss): break` at the end of each epoch, and `best.restore()` after the loop.
    """

    model: Any
    stopping: EarlyStopping
    _kept: Any = field(default=None, init=False, repr=False)

    def __call__(self, value: float) -> bool:
        """Take the value of an epoch; return whether to stop."""
        stop = self.stopping(value)
        if self.stopping.waited == 0:
            self._kept = copy.deepcopy(self.model.state_dict())
        return stop

    def restore(self) -> None:
        """Put the best epoch's weights back into the model; nothing happens before there was one."""
        if self._kept is not None:
            self.model.load_state_dict(self._kept)


def report_or_prune(trial: Any, stopping: EarlyStopping, value: float, step: int) -> None:
    """Report a value of a trial to Optuna, and prune the trial if the rule or the study's own pruner says so.

    Args:
        trial: of Optuna.
        stopping: the rule, one for each trial.
        value: of this step; one that is not finite is no improvement, and is not reported.
        step: its number.

    Raises:
        optuna.TrialPruned: to be left to the study.
    """
    import optuna

    if math.isfinite(value):
        trial.report(value, step)
    if stopping(value) or trial.should_prune():
        raise optuna.TrialPruned(f"no improvement on {stopping.best} for {stopping.waited} values")
