"""Whether a running trial is hopeless, asked of Optuna's pruner with the trials of finished batches before it, and of no other.

So the answer is the same whatever else runs at the time, in whichever process.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pitwall.ml.search.methods import pruner, quiet
from pitwall.ml.search.settings import SearchSettings

if TYPE_CHECKING:
    import optuna


@dataclass
class Pruning:
    """The rule for one trial.

    Attributes:
        settings: of the study.
        number: of the trial.
        finished: all trials of the batches before, in order.
    """

    settings: SearchSettings
    number: int
    finished: Sequence[optuna.trial.FrozenTrial]
    _seen: optuna.Study | None = field(default=None, repr=False)
    _own: int = field(default=-1, repr=False)

    def hopeless(self, history: dict[int, float]) -> bool:
        """Whether the trial, having reported these values by step, should stop."""
        if self.settings.pruner == "none":
            return False
        study = self._opened()
        step = max(history)
        storage = study._storage
        storage.set_trial_intermediate_value(self._own, step, history[step])
        trial = copy.copy(storage.get_trial(self._own))
        trial.number = self.number
        return bool(study.pruner.prune(study, trial))

    def notes(self) -> dict[str, Any]:
        """Return what the pruner has noted about the trial (the rungs of Hyperband), which later trials are compared with."""
        return {} if self._seen is None else dict(self._seen._storage.get_trial(self._own).system_attrs)

    def _opened(self) -> optuna.Study:
        if self._seen is None:
            import optuna

            quiet()
            self._seen = optuna.create_study(
                study_name=f"seed {self.settings.seed}",  # by which Hyperband deals trials to brackets, whatever the study is called
                direction=self.settings.direction,
                pruner=pruner(self.settings),
            )
            self._seen.add_trials(self.finished)
            self._own = self._seen.ask()._trial_id
        return self._seen
