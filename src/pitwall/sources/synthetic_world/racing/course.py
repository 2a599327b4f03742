"""What goes into a race of the synthetic world and what comes out of it. Arrays are draws x cars."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Runners:
    """What a race needs to know of the cars: speed on the day's circuit (percent), and see `Field` for the rest."""

    team: np.ndarray
    speed: np.ndarray
    wear: np.ndarray
    wet: np.ndarray
    crew: np.ndarray
    breaks: np.ndarray
    crashes: np.ndarray


@dataclass
class LapLog:
    """One draw, lap by lap (lists of arrays over cars): for the publication."""

    began: list[np.ndarray] = field(default_factory=list)
    clock: list[np.ndarray] = field(default_factory=list)
    compound: list[np.ndarray] = field(default_factory=list)
    age: list[np.ndarray] = field(default_factory=list)
    stint: list[np.ndarray] = field(default_factory=list)
    stopped: list[np.ndarray] = field(default_factory=list)
    pit_seconds: list[np.ndarray] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    wetness: list[float] = field(default_factory=list)
    falls: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Course:
    """How a race went, draws x cars.

    Attributes:
        place: official place from 1, corrections included.
        first_place: the place as first published.
        laps: completed.
        seconds: total, time penalties included; of cars that stopped, up to then.
        late_penalty: seconds added days later.
        fate: `RUNNING`, `BROKEN`, `CRASHED` or `DISQUALIFIED_LATER`.
        log: the laps, where asked for.
    """

    place: np.ndarray
    first_place: np.ndarray
    laps: np.ndarray
    seconds: np.ndarray
    late_penalty: np.ndarray
    fate: np.ndarray
    log: LapLog | None


@dataclass(frozen=True)
class Start:
    """Of each draw: slots on the grid from 1 and who starts from the pit lane (draws x cars), the chance of rain (draws)."""

    slot: np.ndarray
    pit_lane: np.ndarray
    rain: np.ndarray
