"""`live` of params.yaml: how long late events are waited for, and from when on a silent feed is no longer believed."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class LiveParams(BaseModel):
    """How a race is followed; seconds of the race clock. They change no model.

    Attributes:
        lateness_s: so long after the newest event an instant is taken to be complete; what comes later revises the answer.
        skew_s: an event that happened so long after its source said it has a wrong clock.
        silent_s: a feed that has said nothing for longer is called silent, and answers are widened.
        withhold_s: from then on nothing is answered.
        queue: events that may wait to be read; a feed that is quicker has to wait.
        laps_behind: a car that misses so many of the leader's laps is taken to be out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lateness_s: float = Field(10.0, ge=0)
    skew_s: float = Field(5.0, ge=0)
    silent_s: float = Field(30.0, gt=0)
    withhold_s: float = Field(300.0, gt=0)
    queue: int = Field(10_000, ge=1)
    laps_behind: int = Field(3, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.withhold_s < self.silent_s:
            raise ValueError(f"withhold_s ({self.withhold_s:g}) must be at least silent_s ({self.silent_s:g})")
        return self
