"""How a search goes: which method and rule of pruning, how much, in batches of which size, from which seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pitwall.domain.errors import UnknownName, UsageError

METHODS = ("grid", "random", "tpe", "gp")
PRUNERS = ("none", "median", "hyperband")
Direction = Literal["minimize", "maximize"]


@dataclass(frozen=True)
class SearchSettings:
    """Settings of one study. Workers are none of them: any number gives the same study.

    Attributes:
        trials: how many.
        method: grid, random, tpe or gp.
        pruner: none, median or hyperband.
        direction: minimize or maximize.
        seed: of the study.
        batch: so many trials are chosen at once, from what the batches before have shown.
        startup_trials: drawn at random before tpe or gp learn, and complete before the median prunes.
        warmup: steps before which the median prunes nothing.
        min_iter: steps that Hyperband gives every trial.
        max_iter: steps of the longest trial; None lets Hyperband take it from the first complete trial.
        eta: Hyperband keeps one of so many at each rung.
        levels: values of a range that a grid visits; None for as few as give enough combinations.
        timeout: seconds after which no further batch begins. Such a study is not the same on another machine, and says so.
        one_seed: every trial has the study's seed, and one sampler draws all of them: for studies that no kill must survive.
    """

    trials: int = 20
    method: str = "tpe"
    pruner: str = "median"
    direction: Direction = "minimize"
    seed: int = 7
    batch: int = 1
    startup_trials: int = 6
    warmup: int = 0
    min_iter: int = 1
    max_iter: int | None = None
    eta: int = 3
    levels: int | None = None
    timeout: float | None = None
    one_seed: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be; raise UnknownName or UsageError."""
        for kind, name, known in (
            ("search method", self.method, METHODS),
            ("pruner", self.pruner, PRUNERS),
            ("direction", self.direction, ("minimize", "maximize")),
        ):
            if name not in known:
                raise UnknownName(kind, str(name), known)
        for name, least in (("trials", 1), ("batch", 1), ("startup_trials", 0), ("warmup", 0), ("min_iter", 1)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} of a search must be at least {least}; found {getattr(self, name)}.")
        if self.eta < 2:
            raise UsageError(f"eta of Hyperband must be at least 2, it keeps one of so many; found {self.eta}.")

    @property
    def sign(self) -> float:
        """1 where lower is better, -1 where higher is."""
        return 1.0 if self.direction == "minimize" else -1.0

    def deciding(self) -> dict[str, Any]:
        """Return what decides which trials a study makes, however many of them: a study goes on under the same only.

        A grid that is made for a number of trials is another grid for another number.
        """
        free = {"timeout"} if self.method == "grid" and self.levels is None else {"trials", "timeout"}
        return {name: value for name, value in asdict(self).items() if name not in free}
