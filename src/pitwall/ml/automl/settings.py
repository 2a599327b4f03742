"""What a search may spend, what it is scored by, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError

ENGINES = ("pitwall", "flaml")


@dataclass(frozen=True)
class Settings:
    """How to search.

    Attributes:
        budget: CPU seconds of this process and its children, for candidates and for the choice among them.
        metric: what candidates are compared by, one of the question's family; its main loss when None. `accuracy` is the share of
            races, or rows, of which the one that was called came true.
        ensemble: end with a blend of candidates; else with the best one.
        engine: who proposes configurations: `pitwall` (TPE of Optuna) or `flaml` (its local search CFO).
        only: estimators; all of the family when empty.

    Raises:
        UsageError: the budget is not above 0.
        UnknownName: there is no such engine.
    """

    budget: float = 60.0
    metric: str | None = None
    ensemble: bool = True
    engine: str = "pitwall"
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be spent, and engines that do not exist."""
        if not self.budget > 0:
            raise UsageError(f"the budget is a number of CPU seconds above 0; found {self.budget}.")
        if self.engine not in ENGINES:
            raise UnknownName("engine of AutoML", self.engine, ENGINES)

    def facts(self) -> dict[str, Any]:
        """Return what a recipe keeps of them: all but the budget, whose outcome is counted."""
        return {name: value for name, value in asdict(self).items() if name != "budget"} | {"only": list(self.only)}


def settings_of(facts: Mapping[str, Any]) -> tuple[Settings, dict[str, int]]:
    """Return the settings of a search and how many trials each estimator had, from the fact `automl` of a recipe."""
    own = {name: facts[name] for name in ("metric", "ensemble", "engine")}
    return Settings(**own, only=tuple(facts["only"])), dict(facts["counts"])
