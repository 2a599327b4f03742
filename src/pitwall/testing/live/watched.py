"""A race that nobody drives, as it is watched: answers of a few cars over a few laps, the same at every call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from pitwall.live.answer import LiveAnswer, LiveCar

START = datetime(2023, 7, 9, 14, tzinfo=UTC)
LAP_S, SAFETY_CAR = 90.0, (6, 8)
NAMES = ("Max Verstappen", "Lando Norris", "Lewis Hamilton", "Oscar Piastri", "George Russell", "Carlos Sainz")
TEAMS = ("Red Bull", "McLaren", "Mercedes", "McLaren", "Mercedes", "Ferrari")
SAYS = {"race_winner_live": "in_race-in_race version 1, content 0a1b2c3d", "safety_car_soon": "baseline rate"}


def watched(
    race: str = "2023-12", *, laps: int = 12, source: str = "replay", start: datetime = START
) -> Iterator[LiveAnswer]:
    """Yield an answer per lap, the last of them finished.

    Args:
        race: label.
        laps: how many.
        source: of the events.
        start: of the race.
    """
    rng = np.random.default_rng(20)
    pace = np.arange(len(NAMES)) * 0.25
    behind, strength = np.arange(len(NAMES)) * 1.5, np.zeros(len(NAMES))
    for lap in range(laps + 1):
        behind = behind + pace / 4 + rng.normal(0, 0.4, len(NAMES)) * (lap > 0)
        behind -= behind.min()
        strength = -behind * (1 + lap / laps)
        yield _answer(race, source, start, lap, laps, behind, strength)


def _answer(  # noqa: PLR0917  (all that an answer is made of)
    race: str, source: str, start: datetime, lap: int, laps: int, behind: np.ndarray, strength: np.ndarray
) -> LiveAnswer:
    win = np.exp(strength) / np.exp(strength).sum()
    order = np.argsort(behind, kind="stable")
    neutral = SAFETY_CAR[0] <= lap <= SAFETY_CAR[1]
    state = "finished" if lap == laps else "safety car" if neutral else "racing"
    gaps = [float(behind[who]) for who in order]
    cars = tuple(
        _car(place, int(who), lap, (gaps[place - 1], gaps[max(place - 2, 0)]), float(win[who]))
        for place, who in enumerate(order, start=1)
    )
    return LiveAnswer(
        race=race,
        race_name="British Grand Prix",
        source=source,
        instant=start + timedelta(seconds=LAP_S * lap),
        clock_s=LAP_S * lap,
        lap=lap,
        distance=laps,
        revision=1,
        state=state,
        silent_s=0.0,
        withheld=False,
        notes=(),
        answers={"safety_car_soon": 0.12},
        cars=cars,
        provenance=SAYS,
    )


def _car(place: int, who: int, lap: int, gaps: tuple[float, float], win: float) -> LiveCar:
    gap, ahead = gaps
    return LiveCar(
        driver_id=who + 1,
        driver=NAMES[who].split()[1][:3].upper(),
        name=NAMES[who],
        team=TEAMS[who],
        place=place if lap else None,
        laps=lap,
        gap_s=gap if lap else None,
        interval_s=gap - ahead if lap else None,
        last_lap_s=LAP_S + who * 0.25 if lap else None,
        compound="MEDIUM" if lap < 7 else "HARD",
        tyre_laps=float(lap if lap < 7 else lap - 6),
        stops=int(lap >= 7),
        out=False,
        answers={"race_winner_live": win, "podium_live": min(1.0, 3 * win)},
    )
