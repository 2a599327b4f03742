"""The live table: running order with gaps, tyres and chances, what stands out above it, and the keys below."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pitwall.workflows.live.course import GAP_IN_5, NEXT_LAP, PITS, PODIUM, SAFETY_CAR, WINNER, Course, chance
from pitwall.workflows.live.words import gap, lap_time, middle, percent, seconds, warnings, who_answers

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from pitwall.live.answer import LiveAnswer, LiveCar

BARS = " ▁▂▃▄▅▆▇█"
PARTS = " ▏▎▍▌▋▊▉█"
SPACE = 3  # between columns
AROUND = 11  # lines above and below the cars
RIBBON, BAR = 24, 10  # cells of a ribbon over the laps, and of a bar
TYRES = {"SOFT": "red", "MEDIUM": "yellow", "HARD": "white", "INTERMEDIATE": "green", "WET": "blue"}
STATES = {"safety car": "black on yellow", "virtual safety car": "black on yellow", "stopped": "white on red"}
KEYS = "space: pause   ← →: a lap   digits, Enter: to a lap   + -: speed   q: quit"


@dataclass(frozen=True)
class Shown:
    """What is shown beside the answer itself.

    Attributes:
        drivers: the only ones to show; all when empty.
        paused: whether the replay stands still.
        speed: of the replay; None for as fast as it goes.
        typed: a lap number that is being typed.
        age_s: seconds since the answer came; None where nobody counts.
        keys: whether keys are read.
        width: of the terminal, in letters.
        height: of it, in lines; None where it scrolls.
    """

    drivers: Collection[str] = ()
    paused: bool = False
    speed: float | None = None
    typed: str = ""
    age_s: float | None = None
    keys: bool = False
    width: int = 200
    height: int | None = None


def board(answer: LiveAnswer, course: Course, shown: Shown) -> RenderableType:
    """Return the whole screen.

    Args:
        answer: the newest.
        course: what was said before.
        shown: the rest.
    """
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [_head(answer, shown)]
    parts += [Text(f"! {note}", style="bold white on red") for note in warnings(answer)]
    parts.append(_cars(answer, course, shown))
    parts.append(Text(who_answers(answer), style="dim"))
    if shown.keys:
        parts.append(Text(_keys(shown), style="dim"))
    return Group(*parts)


def ribbon(values: Sequence[float], cells: int = RIBBON) -> str:
    """Return chances over the laps as one line of bars, as many laps to a cell as needs be.

    Example:
        >>> ribbon([0.0, 0.5, 1.0])
        ' ▄█'
    """
    if len(values) > cells:
        edges = [round(number * len(values) / cells) for number in range(cells + 1)]
        values = [max(values[first:last]) for first, last in pairwise(edges)]
    return "".join(BARS[min(round(value * 8), 8)] for value in values)


def bar(value: float, cells: int = BAR) -> str:
    """Return a chance as a bar.

    Example:
        >>> bar(0.55, 10)
        '█████▌    '
    """
    eighths = round(min(max(value, 0.0), 1.0) * cells * 8)
    whole, rest = divmod(eighths, 8)
    return (PARTS[8] * whole + (PARTS[rest] if rest else "")).ljust(cells)


def _head(answer: LiveAnswer, shown: Shown) -> Text:
    from rich.text import Text

    of = f"/{answer.distance}" if answer.distance else ""
    text = Text(f"{answer.race_name} {answer.race}  ", style="bold")
    text.append(f"lap {answer.lap}{of}  ")
    text.append(f" {answer.state} ", style=STATES.get(answer.state, "black on green"))
    soon = chance(answer.answers, SAFETY_CAR)
    text.append(f"  safety car within 5 laps {percent(soon)} %" if soon is not None else "")
    text.append(f"  answer revised ({answer.revision})" if answer.revision > 1 else "")
    text.append(f"\n{answer.source}, {answer.instant:%Y-%m-%d %H:%M:%S} UTC", style="dim")
    if shown.age_s is not None:
        text.append(f", {shown.age_s:.0f} s ago", style="dim")
    text.append(f", {_pace(shown)}", style="dim")
    return text


def _pace(shown: Shown) -> str:
    if shown.paused:
        return "paused"
    return "as fast as it goes" if shown.speed is None else f"{shown.speed:g} x"


@dataclass(frozen=True)
class _Column:
    """A column of the table.

    Attributes:
        name: above it.
        cell: of a car.
        rank: those with the highest are left out first where a terminal is narrow.
        left: aligned to the left.
    """

    name: str
    cell: Callable[[LiveCar, LiveAnswer, Course], Any]
    rank: int = 0
    left: bool = False


def _cars(answer: LiveAnswer, course: Course, shown: Shown) -> Table:
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    cars = _those(answer, shown)
    filled = {each: [each.cell(car, answer, course) for car in cars] for each in COLUMNS}
    widths = {each: _width(each.name, cells) for each, cells in filled.items() if any(map(str, cells))}
    columns = _that_fit(widths, shown.width)
    for each in columns:
        made.add_column(each.name, justify="left" if each.left else "right", no_wrap=True)
    for row, car in enumerate(cars):
        made.add_row(*(filled[each][row] for each in columns), style="dim" if car.out else "")
    return made


def _those(answer: LiveAnswer, shown: Shown) -> list[LiveCar]:
    """Return the cars to show: those that were asked for, the first of them where the terminal is low."""
    cars = [car for car in answer.cars if not shown.drivers or car.driver.upper() in shown.drivers]
    return cars if shown.height is None else cars[: max(shown.height - AROUND - len(warnings(answer)), 1)]


def _width(name: str, cells: Sequence[Any]) -> int:
    """Return how many letters a column takes, with the space beside it."""
    return max(len(name), *(len(str(cell)) for cell in cells)) + SPACE


def _that_fit(widths: Mapping[_Column, int], width: int) -> list[_Column]:
    """Return the columns that a terminal has room for, in their order."""
    kept = sorted(widths, key=lambda each: each.rank)
    while len(kept) > 1 and sum(widths[each] for each in kept) > width:
        kept.pop()
    return [each for each in widths if each in kept]


def _win(car: LiveCar, *_: Any) -> Text:
    from rich.text import Text

    win = chance(car.answers, WINNER)
    return Text("" if win is None else bar(win), style="cyan")


def _over_laps(car: LiveCar, answer: LiveAnswer, course: Course) -> Text:
    from rich.text import Text

    return Text(ribbon(course.of(car.driver, answer.lap)), style="cyan")


def _tyre(car: LiveCar) -> Text:
    from rich.text import Text

    if car.compound is None:
        return Text("")
    age = "" if car.tyre_laps is None else f" {car.tyre_laps:.0f}"
    return Text(f"{car.compound[:1]}{age}", style=TYRES.get(car.compound, ""))


def _keys(shown: Shown) -> str:
    return f"to lap {shown.typed}_   Enter: go   other keys: leave it" if shown.typed else KEYS


COLUMNS = (
    _Column("", lambda car, *_: "" if car.place is None else str(car.place)),
    _Column("driver", lambda car, *_: car.driver, left=True),
    _Column("team", lambda car, *_: car.team, rank=9, left=True),
    _Column("gap", lambda car, answer, _: "out" if car.out else gap(car, answer)),
    _Column("interval", lambda car, *_: "" if car.out else seconds(car.interval_s), rank=4),
    _Column("last lap", lambda car, *_: lap_time(car.last_lap_s), rank=3),
    _Column("tyre", lambda car, *_: _tyre(car), rank=1, left=True),
    _Column("stops", lambda car, *_: str(car.stops), rank=6),
    _Column("win %", lambda car, *_: percent(chance(car.answers, WINNER))),
    _Column("", _win, rank=8, left=True),
    _Column("podium %", lambda car, *_: percent(chance(car.answers, PODIUM)), rank=1),
    _Column("win, lap by lap", _over_laps, rank=2, left=True),
    _Column("next lap", lambda car, *_: lap_time(middle(car, NEXT_LAP)), rank=7),
    _Column("gap in 5", lambda car, *_: seconds(middle(car, GAP_IN_5)), rank=7),
    _Column("pits in 3 %", lambda car, *_: percent(chance(car.answers, PITS)), rank=5),
)
