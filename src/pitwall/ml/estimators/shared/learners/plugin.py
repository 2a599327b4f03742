"""What every plug-in that a learner makes has: a name, the library, its default configuration and what a search may choose."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.ml.estimators._estimator import Params, Role, Traits, Trial
from pitwall.ml.estimators.shared.learners.learner import Learner
from pitwall.ml.estimators.shared.learners.space import Space, choose


@dataclass(frozen=True)
class OfLearner:
    """The part of a plug-in that is the same in every family; a family adds `fit` and `load`.

    Attributes:
        name: of the estimator.
        learner: the library.
        defaults: the default configuration.
        ranges: what a search may choose.
        traits: for people.
        by_name: it takes part in a backtest only where it is asked for.
        models: whose questions it answers; None for all of the family.
    """

    name: str
    learner: Learner
    defaults: Params
    ranges: Space
    traits: Traits
    by_name: bool = True
    models: tuple[str, ...] | None = None
    role: Role = "model"
    needs: tuple[str, ...] | None = None

    def default(self) -> Params:
        """Return the default configuration."""
        return dict(self.defaults)

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial; what is not searched keeps its default."""
        return {**self.defaults, **choose(trial, self.ranges)}
