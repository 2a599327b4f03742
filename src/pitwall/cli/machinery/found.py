"""What a check of `pitwall doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "stale", "empty", "off", "broken", "not built"]


@dataclass(frozen=True)
class Found:
    """What a check found: the state, in words, and what to do (empty when all is well)."""

    state: State
    found: str
    do: str = ""
