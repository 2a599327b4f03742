"""What a forecast from stale data is worth: less with every second that the feed has been silent.

A factor grows from 1 by one per usual lap of silence. Intervals are stretched by it, and the chances of the cars are drawn towards their mean,
which keeps what they sum to. Of the race as a whole nothing is said from stale data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pitwall.domain.sections.live import LiveParams
from pitwall.live.answer import LiveAnswer, LiveCar

LAP_S = 90.0  # a usual lap: after so long everything may have changed once


def aged(answer: LiveAnswer, silent_s: float, settings: LiveParams) -> LiveAnswer:
    """Return an answer as it stands when the feed has been silent for some seconds.

    Args:
        answer: from the last that was told.
        silent_s: for how long nothing has come.
        settings: from when on a feed is silent, and when answers are withheld.
    """
    if silent_s <= settings.silent_s or answer.state == "finished":
        return replace(answer, silent_s=silent_s)
    notes = (*answer.notes, f"feed silent for {silent_s:.0f} s")
    stale = replace(answer, silent_s=silent_s, notes=notes, answers={})
    if silent_s > settings.withhold_s:
        cars = tuple(replace(car, answers={}) for car in answer.cars)
        return replace(stale, withheld=True, cars=cars)
    return replace(stale, cars=_widened(answer.cars, 1.0 + silent_s / LAP_S))


def _widened(cars: Sequence[LiveCar], factor: float) -> tuple[LiveCar, ...]:
    means = {name: _mean(cars, name) for name in sorted({name for car in cars for name in car.answers})}
    return tuple(
        replace(car, answers={name: _wider(said, means[name], factor) for name, said in car.answers.items()})
        for car in cars
    )


def _mean(cars: Sequence[LiveCar], name: str) -> float | None:
    chances = [car.answers[name] for car in cars if isinstance(car.answers.get(name), float)]
    return sum(chances) / len(chances) if chances else None


def _wider(said: Any, mean: float | None, factor: float) -> Any:
    if isinstance(said, float) and mean is not None:
        return mean + (said - mean) / factor
    if isinstance(said, dict) and None not in said.values():
        return {name: said["p50"] + (value - said["p50"]) * factor for name, value in said.items()}
    return said
