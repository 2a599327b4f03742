"""The cars of a question: found by name among exported vectors, put together for other entries, started from other slots.

Other cars are put together feature group by feature group, by whose ids find them. Another grid changes what follows from a grid, by the very
functions that made the features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.keys import DRIVER, TEAM
from pitwall.ml.forecasting.entrants import slots_of
from pitwall.workflows.serving.bundle import Champion
from pitwall.workflows.serving.refusals import wrong
from pitwall.workflows.serving.vectors import Vectors

MOST = 40  # cars that a question may name


@dataclass(frozen=True)
class Line:
    """The cars of a question.

    Attributes:
        at: which rows of the vectors their drivers are.
        names: of each car, as people know it.
        whole: their rows, where one was put together from several.
    """

    at: Sequence[int]
    names: Sequence[Mapping[str, str | None]]
    whole: pd.DataFrame | None = None


def entered(champion: Champion, vectors: Vectors, entries: Sequence[str] | Mapping[str, str | None]) -> Line:
    """Return named cars; a driver in another team's car reads what is known of that team."""
    teams, cars = entries if isinstance(entries, Mapping) else {}, vectors.cars
    if not 0 < len(entries) <= MOST:
        raise wrong("entries", found=f"{len(entries)} cars", expected=f"1 to {MOST}", do="name those who take part")
    rows = {cars.driver(name): teams.get(name) for name in entries}
    if len(rows) != len(entries):
        given = [cars.driver(name) for name in entries]
        twice = sorted(set(cars.refs([row for row in given if given.count(row) > 1])))
        raise wrong(
            "entries", found=f"{', '.join(twice)} more than once", expected="every driver once", do="leave one out"
        )
    at = sorted(rows, key=vectors.drivers.__getitem__)
    named = [vectors.facts["names"][row] for row in at]
    moved = {index: cars.team(team) for index, row in enumerate(at) if (team := rows[row]) is not None}
    moved = {index: other for index, other in moved.items() if other != at[index]}
    for index, other in moved.items():
        named[index] = {**named[index], "team": vectors.facts["names"][other]["team"]}
    if not moved:
        return Line(at, named)
    frame = vectors.frame.take(at).reset_index(drop=True)
    donors = vectors.frame.take([moved.get(index, row) for index, row in enumerate(at)])
    columns = _of_teams(champion, frame)
    return Line(at, named, frame.assign(**{name: donors[name].to_numpy() for name in columns}))


def _of_teams(champion: Champion, frame: pd.DataFrame) -> list[str]:
    """Return the columns that are found by the team's id: another team's car brings its own."""
    columns = [TEAM]
    for name, group in champion.about["plan"].items():
        if TEAM in group["keys"] and DRIVER in group["keys"]:
            raise wrong(
                "another team",
                found=f"a model that reads {name}, which is of a driver in a team",
                expected="features of drivers and of teams apart",
                do="ask `pitwall forecast --entries FILE`",
            )
        if TEAM in group["keys"]:
            columns += [each for each in group["features"] if each in frame]
    return columns


def started(champion: Champion, vectors: Vectors, at: Sequence[int], grid: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Return the columns of cars that follow from another grid; `at` are the rows of their drivers."""
    if vectors.facts["cutoff"] < vectors.facts["race"]["starts_at"]:
        raise wrong(
            "no grid at this cut-off",
            found=f"grid_positions as of {vectors.facts['cutoff']}",
            expected="a question as of the start",
            do="leave grid_positions out, or as_of",
        )
    start = {**slots_of(np.array(_slots(vectors, at, grid))), "place": vectors.places[list(at)]}
    told: dict[str, np.ndarray] = {}
    for group in champion.grids:
        if group.of_grid is None:
            raise wrong(
                "another grid",
                found=f"a model that reads {group.name}, which does not say what follows from a grid",
                expected="groups with `of_grid`",
                do="ask `pitwall forecast --grid FILE`",
            )
        told |= {name: values for name, values in group.of_grid(start).items() if name in vectors.names}
    return told


def _slots(vectors: Vectors, at: Sequence[int], grid: Mapping[str, int]) -> list[int]:
    """Return the slot of each row's driver; every car has one, and none but the pit lane has two."""
    by_row = {vectors.cars.driver(name): slot for name, slot in grid.items()}
    if by_row.keys() != set(at) or len(by_row) != len(grid):
        missing = sorted(vectors.cars.refs(set(at) - by_row.keys()))
        beyond = sorted(vectors.cars.refs(by_row.keys() - set(at)))
        found = (
            f"without {', '.join(missing)}" if missing else f"{', '.join(beyond) or 'a driver'} beside them, or twice"
        )
        raise wrong("grid_positions", found=found, expected="every car of the race once", do="name each of them once")
    taken = [slot for slot in by_row.values() if slot]
    if len(set(taken)) != len(taken):
        raise wrong(
            "grid_positions",
            found=f"slot {min(slot for slot in taken if taken.count(slot) > 1)} more than once",
            expected="one car in a slot; the pit lane, 0, takes several",
            do="give every car a slot of its own",
        )
    return [by_row[row] for row in at]
