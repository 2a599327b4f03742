"""`monitoring` of params.yaml: how often it may be wrong, and what was declared beforehand to be no news."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

RACE_OR_SEASON = re.compile(r"\d{4}(-\d{2})?")


class ModelMonitoring(BaseModel):
    """What is other for one model, below `models.<name>.monitoring`.

    Attributes:
        enabled: whether its drift is looked for.
        ignore: features that are not to be monitored.
        alpha: where it is another than that of all models.
        window: likewise.
        psi: likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    ignore: tuple[str, ...] = ()
    alpha: float | None = Field(None, gt=0, lt=1)
    window: int | None = Field(None, ge=1)
    psi: float | None = Field(None, gt=0)


class MonitoringParams(BaseModel):
    """What is watched, and how; docs/drift.md says what its numbers do and how they were chosen.

    Attributes:
        alpha: chance that a season in which nothing moves raises an alarm of features, and as much of calibration.
        window: races that are the present.
        psi: from which on a table marks a feature; no alarm hangs on it.
        opener_races: races at the start of each season that raise nothing.
        rule_changes: seasons from whose first race on levels are learned anew; those of `pitwall.domain.racing.rule_changes` when None.
        learning_races: for so many races.
        exempt: further seasons with new rules, or single races (`2024-05`), with the reason.
        retrain: whether an alarm of drift trains a candidate.
        champion_races: that may be run until a champion that has not seen them is called old.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    alpha: float = Field(0.1, gt=0, lt=1)
    window: int = Field(5, ge=1)
    psi: float = Field(0.25, gt=0)
    opener_races: int = Field(1, ge=0)
    rule_changes: tuple[int, ...] | None = None
    learning_races: int = Field(6, ge=1)
    exempt: dict[str, str] = {}
    retrain: bool = False
    champion_races: int = Field(24, ge=1)

    @field_validator("exempt", mode="before")
    @classmethod
    def _named(cls, exempt: Any) -> Any:
        """Read an unquoted season as its name, and refuse what names neither a season nor a race."""
        if not isinstance(exempt, Mapping):
            return exempt
        for name in map(str, exempt):
            if not RACE_OR_SEASON.fullmatch(name):
                raise ValueError(f"{name!r} is neither a season (2026) nor a race (2026-05)")
        return {str(name): why for name, why in exempt.items()}

    def declared(self, known: Collection[int]) -> dict[str, str]:
        """Return season or race -> why, of all that was declared.

        Args:
            known: seasons with new rules, where params.yaml names none.
        """
        seasons = known if self.rule_changes is None else self.rule_changes
        return {**{str(season): f"new rules in {season}" for season in seasons}, **self.exempt}

    def of_model(self, own: ModelMonitoring | None) -> MonitoringParams:
        """Return them with what a model says otherwise."""
        other = {
            name: getattr(own, name) for name in ("alpha", "window", "psi") if own and getattr(own, name) is not None
        }
        return self.model_copy(update=other)
