"""Who proposes the next configuration of one estimator. What is proposed depends on the seed and on that estimator's own trials alone.

So the number of trials of each estimator says all about a search, whatever the order in which a clock let them run.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from pitwall.ml.estimators._estimator import Estimator, Params

if TYPE_CHECKING:
    import optuna

STARTUP = 5  # configurations drawn at random before TPE models them


class Sampler(Protocol):
    """Proposes configurations of one estimator, one after the other; the first is its default."""

    exhausted: bool

    def ask(self) -> Params:
        """Return the next configuration."""

    def tell(self, cost: float | None) -> None:
        """Say what the last one cost, lower is better; None where it failed."""


def sampler(engine: str, plugin: Estimator, seed: int) -> Sampler:
    """Return a sampler of an engine for an estimator.

    Args:
        engine: `pitwall` or `flaml`.
        plugin: the estimator.
        seed: of the search; each estimator has its own stream.
    """
    own = int.from_bytes(hashlib.sha256(f"{seed} {plugin.name}".encode()).digest()[:4], "big") % 2**31
    if engine == "flaml":
        from pitwall.ml.automl.proposing.flaml_sampler import FlamlSampler

        return FlamlSampler(plugin, own)
    return TPE(plugin, own)


class TPE:
    """Optuna's tree-structured Parzen estimator."""

    def __init__(self, plugin: Estimator, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.plugin, self.exhausted = plugin, False
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)
        self._study = optuna.create_study(sampler=sampler)
        self._study.enqueue_trial(plugin.default())
        self._open: optuna.Trial | None = None

    def ask(self) -> Params:
        """Return the next configuration."""
        self._open = self._study.ask()
        params = self.plugin.space(self._open)
        self.exhausted = not self._open.distributions  # there is nothing to choose: one configuration is all
        return params

    def tell(self, cost: float | None) -> None:
        """Say what the last one cost."""
        import optuna

        assert self._open is not None
        if cost is None:
            self._study.tell(self._open, state=optuna.trial.TrialState.FAIL)
        else:
            self._study.tell(self._open, cost)
