"""A race under way as parts of a page: the running order as the terminal has it, and the chances lap by lap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pitwall.live.answer import LiveAnswer, LiveCar
from pitwall.report.content.blocks import Table
from pitwall.workflows.live.course import GAP_IN_5, NEXT_LAP, PITS, PODIUM, SAFETY_CAR, WINNER, chance
from pitwall.workflows.live.words import gap, lap_time, middle, percent, seconds

Cell = Callable[[LiveCar, LiveAnswer], str]
CELLS: Mapping[str, Cell] = {
    "place": lambda car, _: "" if car.place is None else str(car.place),
    "driver": lambda car, _: car.driver,
    "team": lambda car, _: car.team,
    "gap": lambda car, answer: "out" if car.out else gap(car, answer),
    "interval": lambda car, _: "" if car.out else seconds(car.interval_s),
    "last lap": lambda car, _: lap_time(car.last_lap_s),
    "tyre": lambda car, _: _tyre(car),
    "stops": lambda car, _: str(car.stops),
    "win %": lambda car, _: percent(chance(car.answers, WINNER)),
    "podium %": lambda car, _: percent(chance(car.answers, PODIUM)),
    "next lap": lambda car, _: lap_time(middle(car, NEXT_LAP)),
    "gap in 5": lambda car, _: seconds(middle(car, GAP_IN_5)),
    "pits in 3 %": lambda car, _: percent(chance(car.answers, PITS)),
}
LEFT = {"driver", "team", "tyre"}


def order_table(answer: LiveAnswer) -> Table:
    """Return the running order with gaps, tyres and chances."""
    rows = tuple(tuple(cell(car, answer) for cell in CELLS.values()) for car in answer.cars)
    return Table(tuple(CELLS), rows, tuple(name for name in CELLS if name not in LEFT))


def laps_table(laps: Sequence[int], chances: Mapping[str, Sequence[float]]) -> Table:
    """Return the chances to win after each lap, in percent."""
    rows = tuple((str(lap), *(percent(own[at]) for own in chances.values())) for at, lap in enumerate(laps))
    return Table(("lap", *chances), rows, ("lap", *chances))


def headline(answer: LiveAnswer) -> str:
    """Return where the race is, in a line."""
    of = f" of {answer.distance}" if answer.distance else ""
    soon = chance(answer.answers, SAFETY_CAR)
    said = [f"lap {answer.lap}{of}", answer.state]
    said += [f"safety car within 5 laps {percent(soon)} %"] if soon is not None else []
    said += [f"answer revised ({answer.revision})"] if answer.revision > 1 else []
    return ", ".join([*said, f"{answer.source}, {answer.instant:%Y-%m-%d %H:%M:%S} UTC"])


def _tyre(car: LiveCar) -> str:
    if car.compound is None:
        return ""
    return f"{car.compound[:1]} {car.tyre_laps:.0f}" if car.tyre_laps is not None else car.compound[:1]
