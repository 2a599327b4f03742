"""The synthetic world as an object: its hidden history, and any race of it run again as often as one likes.

The source `synthetic` publishes one course of this world; what `simulate` counts over many courses is the truth that a
forecast can be held against.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import UnknownName
from pitwall.sources.synthetic_world.publishing.history import RACE, Round, generator, hidden_history, runners
from pitwall.sources.synthetic_world.racing.course import Course, Start
from pitwall.sources.synthetic_world.racing.events import crash_chances
from pitwall.sources.synthetic_world.racing.race import run_race
from pitwall.sources.synthetic_world.racing.tyre import COMPOUNDS, slopes
from pitwall.sources.synthetic_world.racing.weather import chances
from pitwall.sources.synthetic_world.state.session import fit, qualifying_places, starting_grid

if TYPE_CHECKING:
    from pitwall.sources.synthetic import SyntheticSettings

STAGES = ("pre_weekend", "pre_qualifying", "pre_race")
BLOCK = 500  # draws at a time: their arrays fit into a processor's cache

__all__ = ["STAGES", "World"]


class World:
    """One world.

    Args:
        settings: of the source; the same settings give the same world.
    """

    def __init__(self, settings: SyntheticSettings) -> None:
        self.settings = settings
        self.history = hidden_history(settings)

    @property
    def races(self) -> tuple[int, ...]:
        """Ids of the races that have a weekend, in order: those that were run, and the next one."""
        return tuple(self.history.rounds)

    def cars(self, race: int) -> pd.DataFrame:
        """Return driver_id, constructor_id and grid (0: from the pit lane) of the cars that start."""
        each = self.round(race)
        ids = {"driver_id": each.field.driver + 1, "constructor_id": each.field.team + 1}
        return pd.DataFrame({**ids, "grid": np.where(each.pit_lane, 0, each.slot)})

    def round(self, race: int) -> Round:
        """Return the hidden state of a race's weekend; raise UnknownName where it has none."""
        if race not in self.history.rounds:
            raise UnknownName("race of the synthetic world", str(race), [str(each) for each in self.history.rounds])
        return self.history.rounds[race]

    def run(self, race: int) -> Course:
        """Run a race as it was published."""
        each = self.round(race)
        rng = generator(self.settings.seed, RACE, each.season, each.number)
        start = Start(each.slot[None, :], each.pit_lane[None, :], np.array([each.day.rain]))
        return run_race(runners(each.field, each.fit), each.circuit, start, rng, record=True)

    def simulate(self, race: int, stage: str, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Return official places of a race as it may go on from a stage, given the hidden state at that stage.

        Args:
            race: its id.
            stage: `pre_race` (the final grid, the cars' form of the weekend and the chance of rain are given),
                `pre_qualifying` (the form is given), `pre_weekend` (neither).
            draws: how many.
            rng: where chance comes from.

        Returns:
            Places from 1, draws x cars, the cars in the order of `cars(race)`.
        """
        if stage not in STAGES:
            raise UnknownName("stage", stage, STAGES)
        sizes = [BLOCK] * (draws // BLOCK) + [draws % BLOCK] * (draws % BLOCK > 0)
        return np.concatenate([self._block(self.round(race), stage, size, rng) for size in sizes])

    def _block(self, each: Round, stage: str, draws: int, rng: np.random.Generator) -> np.ndarray:
        shape = (draws, len(each.slot))
        suits, rain = np.broadcast_to(each.fit, shape), np.full(draws, each.day.rain)
        slot, pit_lane = np.broadcast_to(each.slot, shape), np.broadcast_to(each.pit_lane, shape)
        if stage == "pre_weekend":
            suits, rain = fit(each.field, each.circuit, draws, rng), chances(each.circuit, draws, rng)
        if stage != "pre_race":
            slot, pit_lane = starting_grid(qualifying_places(each.field.single + suits, rng), rng)
        return run_race(runners(each.field, suits), each.circuit, Start(slot, pit_lane, rain), rng).place

    def pace(self) -> pd.DataFrame:
        """Return what each car is slower than the field's mean at each race, seconds per lap, in one lap and in the race."""
        return self._each_car(
            lambda each: {
                "single_lap_seconds": _slower(each.field.single + each.fit, each.circuit.lap),
                "race_lap_seconds": _slower(each.field.race + each.fit, each.circuit.lap),
            }
        )

    def tyres(self) -> pd.DataFrame:
        """Return the slope of each car on each compound at each race: seconds per lap of age."""
        made = []
        for race, each in self.history.rounds.items():
            circuit = each.circuit
            slope = slopes(circuit.abrasion, circuit.laps, each.field.wear) * circuit.lap / 100
            table = pd.DataFrame(slope, columns=list(COMPOUNDS)).assign(race_id=race, driver_id=each.field.driver + 1)
            made.append(table.melt(["race_id", "driver_id"], var_name="compound", value_name="slope"))
        return pd.concat(made, ignore_index=True)

    def hazards(self) -> pd.DataFrame:
        """Return the chance of each car to break down, and to crash if the race stays dry, and the day's chance of rain."""
        return self._each_car(
            lambda each: {
                "breaks": each.field.breaks,
                "crashes": crash_chances(each.slot, each.field.crashes, each.circuit.danger),
                "rain": each.day.rain,
            }
        )

    def _each_car(self, values: Callable[[Round], dict[str, Any]]) -> pd.DataFrame:
        parts = [
            self.cars(race).drop(columns="grid").assign(race_id=race, **values(each))
            for race, each in self.history.rounds.items()
        ]
        return pd.concat(parts, ignore_index=True)


def _slower(speed: np.ndarray, lap: float) -> np.ndarray:
    return np.asarray((speed.mean() - speed) * lap / 100)
