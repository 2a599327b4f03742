"""`duel` of params.yaml: what is declared before two sides are held against each other, race by race."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pitwall.domain.errors import UsageError

# By which one race may speak for one of two sides at most: three standard deviations of what tells two models .1 nats apart (docs/anytime.md).
BOUNDS = {"log_loss": 1.5, "brier": 0.04, "mae": 1.0, "safety_car": 1.0}


class DuelParams(BaseModel):
    """The test of two sides, race by race; docs/anytime.md says what its numbers do and how they were chosen.

    Attributes:
        alpha: the chance of a wrong verdict in either direction, whenever one looks.
        bounds: how much one race may count, by metric in its unit, or of a single question by that question's name. Those that are not
            given stay at their defaults.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    alpha: float = Field(0.05, gt=0, lt=1)
    bounds: dict[str, float] = Field(BOUNDS, validate_default=True)

    @field_validator("bounds")
    @classmethod
    def _usable(cls, bounds: dict[str, float]) -> dict[str, float]:
        for name, bound in bounds.items():
            if not (math.isfinite(bound) and bound > 0):
                raise ValueError(f"the bound of {name} must be a number above 0")
        return {**BOUNDS, **bounds}

    def bound_of(self, question: str, metric: str) -> float:
        """Return how much one race may count.

        Args:
            question: a template's name.
            metric: its main loss.

        Raises:
            UsageError: neither has a bound.
        """
        for name in (question, metric):
            if name in self.bounds:
                return self.bounds[name]
        raise UsageError(
            f"{metric}, the loss of {question}, has no bound in params.yaml (duel.bounds has {', '.join(sorted(self.bounds))}); write "
            f"`{metric}: NUMBER` or `{question}: NUMBER` there before the first race: the most that one race may count."
        )
