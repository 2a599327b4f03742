"""The pit wall: which tyres to start on, when to stop, what to put on, and how long a stop takes.

Arrays are draws x cars. A plan is the lap at the end of which a car means to stop, `NEVER` without one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources.synthetic_world.racing.events import NEVER
from pitwall.sources.synthetic_world.racing.tyre import KIND, OFFSET, best_kind, compound_for, lives, slopes
from pitwall.sources.synthetic_world.state.circuit import Circuit

START_ON = (0.3, 0.6, 0.1)  # soft, medium, hard
DARING = (0.86, 1.16)  # factor on the life of a set that a team plans with
CHEAP_WINDOW, CHEAP_AGE, TAKES_CHEAP = 14, 9, 0.7  # laps before the plan, age of the set: a stop behind the safety car
UNDERCUT_WINDOW, UNDERCUT_GAP, UNDERCUT = 5, 2.0, 0.12  # laps before the plan, seconds behind, chance per lap
COVERS = 0.5  # chance to answer the stop of the car behind a lap later
NOTICES = 0.55  # chance per lap to change to the tyres that the track asks for
SLOW_STOP, CREW_SECONDS = (0.09, 8.0), 0.75  # chance and mean of trouble at a stop; mean of the usual loss
PIT_ROAD = 4.5  # seconds that the same stretch takes on the track
SAVED = {"safety_car": 0.5, "virtual": 0.4}  # share of a stop's loss that a slow field gives back


@dataclass
class Tyres:
    """The set that each car is on, and what follows from it: offset, slope, life, age, kind, the plan, compounds used."""

    compound: np.ndarray
    offset: np.ndarray
    slope: np.ndarray
    life: np.ndarray
    age: np.ndarray
    kind: np.ndarray
    plan: np.ndarray
    used: np.ndarray
    stint: np.ndarray


class PitWall:
    """Decides for all cars of a race."""

    def __init__(
        self, circuit: Circuit, wear: np.ndarray, crew: np.ndarray, draws: int, rng: np.random.Generator
    ) -> None:
        laps, abrasion = circuit.laps, circuit.abrasion
        self._laps, self._crew, self._rng = laps, crew, rng
        self._slopes, self._lives = slopes(abrasion, laps, wear), lives(abrasion, laps, wear)
        self._taste = rng.uniform(*DARING, (draws, len(wear)))

    def start(self, wetness: np.ndarray, stops: bool) -> Tyres:
        """Return the tyres on the grid; without stops (a sprint) nobody has a plan."""
        rng, shape = self._rng, self._taste.shape
        kind = np.broadcast_to(best_kind(wetness)[:, None], shape)
        dry = np.searchsorted(np.cumsum(START_ON[:2]), rng.random(shape))
        compound = np.where(kind == 0, dry if stops else 1, 2 + kind)
        blank = np.zeros(shape)
        tyres = Tyres(*(blank.copy() for _ in range(5)), *(np.zeros(shape, dtype=int) for _ in range(4)))
        tyres.compound = compound.copy()
        self._fit(tyres, np.ones(shape, dtype=bool), compound, 0)
        tyres.stint[:] = 1
        if not stops:
            tyres.plan[:] = NEVER
        return tyres

    def calls(self, tyres: Tyres, lap: int, wetness: np.ndarray, cheap: np.ndarray, close: np.ndarray) -> np.ndarray:
        """Return which cars stop at the end of a lap.

        Args:
            tyres: what they are on.
            lap: the lap.
            wetness: of the track, per draw.
            cheap: per draw, whether the field is slow.
            close: which cars are within reach of the one ahead.
        """
        chance = self._rng.random(tyres.plan.shape, dtype=np.float32)
        to_go = tyres.plan - lap
        stop = to_go <= 0
        stop |= close & (to_go <= UNDERCUT_WINDOW) & (chance < UNDERCUT)
        if cheap.any():
            due = (to_go <= CHEAP_WINDOW) | ((tyres.age >= CHEAP_AGE) & (tyres.age > 0.55 * tyres.life))
            stop |= cheap[:, None] & due & (chance < TAKES_CHEAP)
        if wetness.any() or tyres.kind.any():
            wrong = best_kind(wetness)[:, None] != tyres.kind
            stop = (stop & ~(wrong & (wetness[:, None] > 0))) | (wrong & (chance < NOTICES))
        return stop

    def serve(self, tyres: Tyres, who: np.ndarray, lap: int, wetness: np.ndarray) -> np.ndarray:
        """Change the tyres of the cars in `who`; return the seconds that each crew lost, 0 for the others."""
        rows, cars = np.nonzero(who)
        left = np.full(len(rows), float(self._laps - lap))
        dry = compound_for(left, self._lives[cars], self._taste[rows, cars])
        same = (tyres.used[rows, cars] == (1 << dry)) & (dry == tyres.compound[rows, cars])
        dry = np.where(same, np.where(dry == 2, 1, dry + 1), dry)  # two compounds at least
        kind = best_kind(wetness)[rows]
        compound = tyres.compound.copy()
        compound[rows, cars] = np.where(kind == 0, dry, 2 + kind)
        self._fit(tyres, who, compound, lap)
        tyres.stint[rows, cars] += 1
        lost = np.zeros(who.shape)
        trouble = (self._rng.random(len(rows)) < SLOW_STOP[0]) * self._rng.exponential(SLOW_STOP[1], len(rows))
        lost[rows, cars] = self._rng.exponential(CREW_SECONDS, len(rows)) * self._crew[cars] + trouble
        return lost

    def cover(self, tyres: Tyres, threatened: np.ndarray, lap: int) -> None:
        """Bring forward the stop of cars whose follower has just stopped."""
        answers = threatened & (self._rng.random(threatened.shape, dtype=np.float32) < COVERS)
        tyres.plan = np.where(answers & (tyres.plan - lap <= UNDERCUT_WINDOW + 2), lap + 1, tyres.plan)

    def _fit(self, tyres: Tyres, who: np.ndarray, compound: np.ndarray, lap: int) -> None:
        """Put new sets on the cars in `who` and plan their next stop."""
        rows, cars = np.nonzero(who)
        on = compound[rows, cars]
        life = self._lives[cars, on]
        tyres.compound[rows, cars], tyres.kind[rows, cars] = on, KIND[on]
        tyres.offset[rows, cars], tyres.slope[rows, cars] = OFFSET[on], self._slopes[cars, on]
        tyres.life[rows, cars], tyres.age[rows, cars] = life, 0
        tyres.used[rows, cars] |= 1 << on
        lasts = life * self._taste[rows, cars]
        left = self._laps - lap
        again = np.where(left > 2 * lasts, lasts, np.maximum(left / 2, left - 0.9 * lasts) if lap else lasts)
        spread = self._rng.normal(0, 1.5, len(rows))
        must = (left > lasts * 1.03) | (lap == 0)  # two compounds at least
        plan = lap + np.clip(np.round(again + spread), 3, None)
        tyres.plan[rows, cars] = np.where(must & (KIND[on] == 0) & (plan < self._laps - 2), plan, NEVER)
