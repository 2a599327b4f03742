"""The cars of a question: found by name among exported vectors, put together for other entries, started from other slots.

Other cars are put together feature group by feature group, by whose ids find them. Another grid changes what follows from a grid, by the very
functions that made the features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pitwall.ml.data.entity_names import plain
from pitwall.ml.forecasting.entrants import slots_of
from pitwall.workflows.serving.bundle import Champion
from pitwall.workflows.serving.refusals import Refused, unknown, wrong
from pitwall.workflows.serving.vectors import Vectors

DRIVER, TEAM = "driver_id", "constructor_id"
MOST = 40  # cars that a question may name


class Cars:
    """Finds the cars of exported vectors by the names of drivers and teams."""

    def __init__(self, vectors: Vectors) -> None:
        self._refs, names = vectors.facts["refs"], vectors.facts["names"]
        self._driver, self._team = dict[str, set[int]](), dict[str, set[int]]()
        for row, (ref, name) in enumerate(zip(self._refs, names, strict=True)):
            driver = str(name["driver"])
            for text in (ref[DRIVER], driver, name["code"] or "", driver.rpartition(" ")[2]):
                self._driver.setdefault(plain(text), set()).add(row)
            for text in (ref[TEAM], name["team"] or ""):
                self._team.setdefault(plain(text), set()).add(row)

    def driver(self, name: str) -> int:
        """Return the row of a driver."""
        found = self._driver.get(plain(name)) or set()
        if len(found) == 1:
            return next(iter(found))
        refs = [ref[DRIVER] for ref in self._refs]
        if found:
            raise Refused(
                "content",
                "several drivers are meant",
                found=repr(name),
                expected="a name that fits one driver",
                do="name the driver by reference or code",
                near=sorted(refs[row] for row in found),
            )
        raise unknown("driver of this race", name, refs, "name a driver whose vectors were exported for the race")

    def team(self, name: str) -> int:
        """Return a row of a team."""
        found = self._team.get(plain(name))
        if not found:
            raise unknown("team of this race", name, {ref[TEAM] for ref in self._refs}, "name a team of the race")
        return min(found)

    def refs(self, rows: Sequence[int]) -> list[str]:
        """Return what drivers are called by reference."""
        return [str(self._refs[row][DRIVER]) for row in rows]


def entered(
    champion: Champion, vectors: Vectors, cars: Cars, entries: Sequence[str] | Mapping[str, str | None]
) -> tuple[pd.DataFrame, list[Mapping[str, str | None]]]:
    """Return the rows of named cars, and their names; a driver in another team's car reads what is known of that team."""
    teams = entries if isinstance(entries, Mapping) else dict.fromkeys(entries)
    if not 0 < len(entries) <= MOST:
        raise wrong("entries", found=f"{len(entries)} cars", expected=f"1 to {MOST}", do="name those who take part")
    rows = [cars.driver(name) for name in entries]
    if len(set(rows)) != len(rows):
        twice = sorted(set(cars.refs([row for row in rows if rows.count(row) > 1])))
        raise wrong(
            "entries", found=f"{', '.join(twice)} more than once", expected="every driver once", do="leave one out"
        )
    named = [dict(vectors.facts["names"][row]) for row in rows]
    frame = vectors.frame.iloc[rows].reset_index(drop=True)
    for index, team in enumerate(teams.values()):
        if team is not None and (other := cars.team(team)) != rows[index]:
            frame = _in_the_car_of(champion, vectors, frame, index, other)
            named[index]["team"] = vectors.facts["names"][other]["team"]
    order = np.argsort(frame[DRIVER].to_numpy(), kind="stable")
    return frame.iloc[order].reset_index(drop=True), [named[index] for index in order]


def _in_the_car_of(champion: Champion, vectors: Vectors, frame: pd.DataFrame, index: int, other: int) -> pd.DataFrame:
    """Return the rows with one of them in another team: what is found by the team's id alone is that team's."""
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
    frame = frame.copy()
    frame.loc[index, columns] = vectors.frame.loc[other, columns].to_numpy()
    return frame.astype(vectors.frame.dtypes.to_dict())


def started(
    champion: Champion, vectors: Vectors, cars: Cars, frame: pd.DataFrame, grid: Mapping[str, int]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows with what follows from another grid, and which columns these are."""
    if vectors.facts["cutoff"] < vectors.facts["race"]["starts_at"]:
        raise wrong(
            "no grid at this cut-off",
            found=f"grid_positions as of {vectors.facts['cutoff']}",
            expected="a question as of the start",
            do="leave grid_positions out, or as_of",
        )
    slots = _slots(vectors, cars, frame, grid)
    start = pd.DataFrame({"race_id": frame["race_id"].to_numpy(), DRIVER: frame[DRIVER].to_numpy(), **slots_of(slots)})
    places = vectors.facts["places"]
    qualified = pd.DataFrame(
        {
            "race_id": start["race_id"],
            DRIVER: start[DRIVER],
            "place": [places.get(str(driver), np.nan) for driver in start[DRIVER]],
        }
    )
    told: dict[str, np.ndarray] = {}
    for group in champion.grids:
        if group.of_grid is None:
            raise wrong(
                "another grid",
                found=f"a model that reads {group.name}, which does not say what follows from a grid",
                expected="groups with `of_grid`",
                do="ask `pitwall forecast --grid FILE`",
            )
        told |= {
            str(name): values.to_numpy() for name, values in group.of_grid(start, qualified).items() if name in frame
        }
    return frame.assign(**told), list(told)


def _slots(vectors: Vectors, cars: Cars, frame: pd.DataFrame, grid: Mapping[str, int]) -> pd.Series:
    """Return the slot of each row; every car has one, and none but the pit lane has two."""
    rows = {cars.driver(name): slot for name, slot in grid.items()}
    by_driver = {int(vectors.frame[DRIVER].iloc[row]): slot for row, slot in rows.items()}
    missing = [str(ref) for ref in _refs_of(vectors, set(frame[DRIVER]) - set(by_driver))]
    beyond = [str(ref) for ref in _refs_of(vectors, set(by_driver) - set(frame[DRIVER]))]
    if missing or beyond or len(rows) != len(grid):
        found = (
            f"without {', '.join(missing)}" if missing else f"{', '.join(beyond) or 'a driver'} beside them, or twice"
        )
        raise wrong("grid_positions", found=found, expected="every car of the race once", do="name each of them once")
    taken = [slot for slot in by_driver.values() if slot]
    if shared := sorted({slot for slot in taken if taken.count(slot) > 1}):
        raise wrong(
            "grid_positions",
            found=f"slot {shared[0]} more than once",
            expected="one car in a slot; the pit lane, 0, takes several",
            do="give every car a slot of its own",
        )
    return frame[DRIVER].map(by_driver).reset_index(drop=True)


def _refs_of(vectors: Vectors, drivers: set[int]) -> list[str]:
    known = dict(zip(vectors.frame[DRIVER].astype(int), vectors.facts["refs"], strict=True))
    return sorted(known[driver][DRIVER] for driver in drivers)
