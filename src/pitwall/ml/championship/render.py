"""A championship's forecast for people: two tables in a terminal, and the chances over the rounds as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.ml.championship.forecast import ChampionshipForecast, Chance
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.over_time.rounds import over_rounds

if TYPE_CHECKING:
    from rich.console import Console

ROWS = 10
SHOWN = 0.03  # a chance that a competitor must have had after some round to get a line


def print_championship(made: ChampionshipForecast, console: Console, rows: int = ROWS) -> None:
    """Print both titles, the likeliest champions first, and what a reader must know."""
    for title, of in (("Drivers", made.drivers), ("Constructors", made.teams)):
        console.print(_table(f"{title} {headline(made)}", of[:rows], final=not made.draws))
    for label in made.labels:
        console.print(f"Note: {label}")


def headline(made: ChampionshipForecast) -> str:
    """Return the season, its state and who answers."""
    if not made.draws:
        return f"{made.season}, final"
    return (
        f"{made.season} after round {made.after} of {made.rounds}, as of {made.cutoff[:16].replace('T', ' ')}, by {made.model} "
        f"version {made.version} ({made.estimator}), {made.draws:,} seasons drawn"
    )


def _table(title: str, rows: Sequence[Chance], *, final: bool) -> object:
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    columns = ("", "name", "points", *(() if final else ("P(title)", "mean at the end", "80 %")), "")
    for number, name in enumerate(columns):
        made.add_column(name, justify="left" if number in {1, len(columns) - 1} else "right")
    for each in rows:
        chance = () if final else (_chance(each), f"{each.expected:.0f}", f"{each.low:.0f} to {each.high:.0f}")
        made.add_row(str(each.place or ""), each.name, f"{each.points:g}", *chance, _remark(each))
    return made


def _chance(each: Chance) -> str:
    if each.certain or each.out:
        return f"{100 * each.title:.0f} %"
    return f"{100 * each.title:.1f} % ± {100 * each.error:.1f}"


def _remark(each: Chance) -> str:
    return "champion" if each.certain else "out" if each.out else ""


def write_picture(made: ChampionshipForecast, path: Path) -> Path:
    """Draw the chances of both titles after each round as PNG."""
    after = [point.after for point in made.history]
    panels = {
        "Drivers": lines_of([point.drivers for point in made.history]),
        "Constructors": lines_of([point.teams for point in made.history]),
    }
    title = f"Chances of the {made.season} titles after each round, by what was known then"
    return write_png(over_rounds(panels, after, title, made.rounds), path)


def lines_of(points: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Return a line per competitor who had a chance worth drawing after some round, the last leader first.

    Args:
        points: P(title) by name, after each round.
    """
    names = sorted({name for point in points for name in point})
    lines = {name: [point.get(name, 0.0) for point in points] for name in names}
    drawn = {name: values for name, values in lines.items() if max(values) >= SHOWN}
    return dict(sorted(drawn.items(), key=lambda line: (-line[1][-1], -max(line[1]), line[0])))
