"""The course of a race as it was answered: what was said of each car lap by lap, for ribbons in a terminal and for the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pitwall.domain.errors import UsageError
from pitwall.live.answer import LiveAnswer
from pitwall.report.figures.race.ribbons import ribbons_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WINNER, PODIUM, SAFETY_CAR = "race_winner_live", "podium_live", "safety_car_soon"  # questions that every view shows
NEXT_LAP, GAP_IN_5, PITS = "lap_time", "gap_in_5", "pit_within"  # of each car
RED_FLAG = "red flag"
NEUTRAL = {"safety car": "safety car", "virtual safety car": "virtual safety car", "stopped": RED_FLAG}


def chance(said: Mapping[str, object], question: str) -> float | None:
    """Return an answer that is a chance; None where there is none."""
    found = said.get(question)
    return float(found) if isinstance(found, (int, float)) else None


@dataclass
class Course:
    """What was said so far.

    Attributes:
        question: whose chances are kept.
        laps: {lap: {driver: chance}}, as it was said last.
        neutral: {lap: why it was neutralised}.
        title: of the race.
    """

    question: str = WINNER
    laps: dict[int, dict[str, float]] = field(default_factory=dict)
    neutral: dict[int, str] = field(default_factory=dict)
    title: str = ""

    def see(self, answer: LiveAnswer) -> None:
        """Take an answer into account; a revised one replaces what was said of its lap."""
        said = {car.driver: value for car in answer.cars if (value := chance(car.answers, self.question)) is not None}
        if said:
            self.laps[answer.lap] = said
        if answer.state in NEUTRAL:
            self.neutral[answer.lap] = NEUTRAL[answer.state]
        self.title = f"{answer.race_name} {answer.race}"

    def of(self, driver: str, until: int | None = None) -> list[float]:
        """Return the chances of a driver by lap, up to one of them.

        Args:
            driver: as the answers call them.
            until: the last lap; all when None.
        """
        laps = [lap for lap in sorted(self.laps) if until is None or lap <= until]
        return [self.laps[lap].get(driver, 0.0) for lap in laps]

    def figure(self) -> Figure:
        """Return the ribbons.

        Raises:
            UsageError: nothing was said yet.
        """
        if not self.laps:
            raise UsageError(f"nothing was said of {self.question} yet, so there is nothing to draw.")
        drivers = sorted({driver for said in self.laps.values() for driver in said})
        chances = {driver: self.of(driver) for driver in drivers}
        title = f"{self.title}: who wins, as it stood"
        return ribbons_figure(sorted(self.laps), chances, self.neutral, title, up="chance to win")
