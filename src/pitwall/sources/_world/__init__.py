"""The synthetic world as an object: its hidden history, and any race of it simulated again as often as one likes.

The source `synthetic` publishes one course of this world; what `simulate` counts over many courses is the truth that a
forecast can be held against.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.sources._world_calendar import season_calendar, venues
from pitwall.sources._world_race import run_race
from pitwall.sources._world_strength import Field, Paddock
from pitwall.sources._world_weekend import PACE_PER_STRENGTH, Circuit, Weekend, run_weekend

if TYPE_CHECKING:
    from pitwall.sources.synthetic import SyntheticSettings

STAGES = ("pre_weekend", "pre_qualifying", "pre_race")


@dataclass(frozen=True)
class _Round:
    field: Field
    circuit: Circuit
    weekend: Weekend


class World:
    """One world: the hidden state before every race that has a weekend."""

    def __init__(self, settings: SyntheticSettings) -> None:
        self.settings = settings
        self._rounds: dict[int, _Round] = {}
        circuits = venues(self._rng(1))
        paddock = Paddock(settings.teams, 2 * settings.teams + 4 * settings.seasons, self._rng(3))
        for number in range(settings.seasons):
            season, last = settings.first_season + number, number == settings.seasons - 1
            field = paddock.season(number, season, settings.teams if last else settings.teams - 1)
            calendar = season_calendar(season, settings.races, circuits, self._rng(4, season))
            for turn, (_, venue) in enumerate(calendar[: settings.races * 2 // 3 + 1 if last else None], start=1):
                rng = self._rng(5, season, turn)
                field.drift(rng)
                weekend = run_weekend(field, venue.circuit, rng)
                self._rounds[season * 100 + turn] = _Round(deepcopy(field), venue.circuit, weekend)
            paddock.keep(field)

    @property
    def races(self) -> tuple[int, ...]:
        """Ids of the races that have a weekend, in order."""
        return tuple(self._rounds)

    def cars(self, race: int) -> pd.DataFrame:
        """Return driver_id, constructor_id and grid (0 for the pit lane) of a race's cars."""
        each = self._rounds[race]
        ids = {"driver_id": each.field.driver + 1, "constructor_id": each.field.team + 1}
        return pd.DataFrame({**ids, "grid": each.weekend.grid})

    def simulate(self, race: int, stage: str, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Return places from 1, draws x cars, of a race as it may go on from a stage."""
        each = self._rounds[race]
        places = np.empty((draws, len(each.field.team)), dtype=int)
        for draw in range(draws):
            weekend = each.weekend if stage == "pre_race" else run_weekend(each.field, each.circuit, rng)
            places[draw] = run_race(each.field, each.circuit, weekend, rng).order
        return places

    def pace(self) -> pd.DataFrame:
        """Return what each car is slower than the field's mean, seconds per lap."""
        parts = []
        for race, each in self._rounds.items():
            per_strength = -each.circuit.lap * PACE_PER_STRENGTH
            single, over = (value - value.mean() for value in (each.field.strength, each.field.race_strength))
            seconds = {"single_lap_seconds": single * per_strength, "race_lap_seconds": over * per_strength}
            parts.append(self.cars(race).drop(columns="grid").assign(race_id=race, **seconds))
        return pd.concat(parts, ignore_index=True)

    def hazards(self) -> pd.DataFrame:
        """Return the chance of each car to break down in a race."""
        parts = [
            self.cars(race).drop(columns="grid").assign(race_id=race, breaks=each.field.failure[each.field.team])
            for race, each in self._rounds.items()
        ]
        return pd.concat(parts, ignore_index=True)

    def _rng(self, *purpose: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.settings.seed, *purpose])))
