"""What a trial is: what an objective is handed, what it gives back, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

TrialState = Literal["COMPLETE", "PRUNED", "FAILED"]
Params = dict[str, Any]


class Pruned(Exception):
    """A trial was stopped because others were better at the same step; an objective lets it pass."""


@dataclass(frozen=True)
class Score:
    """What an objective may return instead of a bare number.

    Attributes:
        value: what is searched for.
        params: the configuration with whatever the trial itself decided, e.g. the number of boosting rounds.
    """

    value: float
    params: Mapping[str, Any]


@dataclass
class Trial:
    """One configuration to be evaluated.

    Attributes:
        number: counted from 0 within the study.
        params: the configuration.
        seed: of every random choice in it; made from the study's seed and the number.
        history: what was reported so far, by step.
    """

    number: int
    params: Params
    seed: int
    history: dict[int, float] = field(default_factory=dict)
    hopeless: Callable[[dict[int, float]], bool] | None = None

    def report(self, step: int, value: float) -> None:
        """Tell how good it is at a step; a second value of a step is not heard.

        Raises:
            Pruned: the study's rule stops it.
        """
        self.history.setdefault(int(step), float(value))
        if self.hopeless is not None and self.hopeless(self.history):
            raise Pruned


Objective = Callable[[Trial], float | Score]


@dataclass(frozen=True)
class TrialRecord:
    """One finished trial: its configuration, its value, and the value as it went on.

    Attributes:
        params: the configuration, completed by what the trial decided.
        value: None unless complete.
        reason: why it failed.
        seed: what the trial drew from.
        seconds: of the evaluation, by the clock.
        chosen: the configuration as it was chosen, before the trial decided anything.
    """

    number: int
    state: TrialState
    params: Params
    value: float | None
    history: tuple[tuple[int, float], ...] = ()
    reason: str = ""
    seed: int = 0
    seconds: float = 0.0
    chosen: Params = field(default_factory=dict)


def trial_seed(seed: int, number: int) -> int:
    """Return the seed of a trial, below 2^31, the same on every machine.

    Example:
        >>> trial_seed(7, 0) == trial_seed(7, 0), trial_seed(7, 0) == trial_seed(7, 1)
        (True, False)
    """
    return int.from_bytes(sha256(f"{seed}/{number}".encode()).digest()[:4], "big") >> 1
