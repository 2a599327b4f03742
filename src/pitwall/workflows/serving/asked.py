"""From a question to the rows that a model reads: which race, as of when, which cars, from which slots.

Other cars are put together from exported vectors, feature group by feature group, by whose ids find them. Another grid changes what
follows from a grid, by the very functions that made the features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from pitwall.ml.data.entity_names import plain
from pitwall.ml.forecasting.entrants import slots_of
from pitwall.ml.models import Model
from pitwall.workflows.serving.bundle import Champion
from pitwall.workflows.serving.refusals import Refused, unknown, wrong
from pitwall.workflows.serving.vectors import Vectors

COUNTERS = ("lap", "stop", "stint")
DRIVER, TEAM = "driver_id", "constructor_id"
MOST = 40  # cars that a question may name
WHAT_IF_ENTRIES = "what if: the entries are those of the question"
WHAT_IF_GRID = "what if: the grid is that of the question"


@dataclass(frozen=True)
class Question:
    """What is asked about a race.

    Attributes:
        race: a label such as 2024-08, or monaco_2024; the next race when None.
        as_of: a stage, or an instant with its zone that is an exported cut-off; the latest one when None.
        entries: drivers who take part, or {driver: team}; those that are known when None.
        grid: {driver: slot from 1, or 0 for the pit lane}; the known one when None.
        counter: which lap, stop or stint a model within races is asked about, {name: number}; each car's newest when empty.
    """

    race: str | None = None
    as_of: str | None = None
    entries: Sequence[str] | Mapping[str, str | None] | None = None
    grid: Mapping[str, int] | None = None
    counter: Mapping[str, int] = field(default_factory=dict)

    @property
    def what_if(self) -> bool:
        """Whether something else is asked than what is known."""
        return self.entries is not None or self.grid is not None


@dataclass(frozen=True)
class Rows:
    """The rows that a model reads.

    Attributes:
        frame: spine columns and features.
        names: of each row, as people know it.
        labels: what a reader must know of them.
        as_known: they are those that take part, from where they start.
        changed: columns that differ from what was exported.
    """

    frame: pd.DataFrame
    names: Sequence[Mapping[str, str | None]]
    labels: tuple[str, ...]
    as_known: bool
    changed: tuple[str, ...] = ()


def rows_of(champion: Champion, vectors: Vectors, question: Question) -> Rows:
    """Return the rows that a question is about.

    Raises:
        Refused: a name is not known, or cars and slots cannot be.
    """
    definition = champion.definition
    _refuse_deaf(definition, question)
    names, labels = vectors.facts["names"], [*vectors.facts["labels"]]
    if not question.what_if:
        frame, at = _counted(definition, vectors, question.counter)
        return Rows(frame, [names[index] for index in at], tuple(labels), as_known=vectors.facts["recorded"])
    cars = _Cars(vectors)
    frame, named, changed = vectors.field, names[: len(vectors.field)], list[str]()
    if question.entries is not None:
        frame, named = _entered(champion, vectors, cars, question.entries)
        labels.append(WHAT_IF_ENTRIES)
        if len(frame) != len(vectors.field):
            labels.append(
                f"what if: {len(frame)} cars where the race has {len(vectors.field)}: every chance is among these, and is 1 for an "
                "event that has a place for each of them"
            )
    if question.grid is not None:
        frame, changed = _started(champion, vectors, cars, frame, question.grid)
        labels.append(WHAT_IF_GRID)
    return Rows(frame.reset_index(drop=True), named, tuple(labels), as_known=False, changed=tuple(changed))


class _Cars:
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


def _refuse_deaf(definition: Model, question: Question) -> None:
    """Refuse wishes that say nothing to a model."""
    own, said = definition.kind.own, []
    if question.what_if and own != (DRIVER,):
        said += [
            name
            for name, value in (("entries", question.entries), ("grid_positions", question.grid))
            if value is not None
        ]
    said += [name for name in question.counter if name not in own]
    if said:
        raise wrong(
            f"{definition.name} is asked about {definition.kind.nouns[1]}",
            found=", ".join(said),
            expected="a question about these",
            do=f"leave {said[0]} out",
        )


def _counted(definition: Model, vectors: Vectors, counter: Mapping[str, int]) -> tuple[pd.DataFrame, list[int]]:
    """Return the rows that take part, of a model within races those of a number or each car's newest, and where they stand."""
    rows, own = vectors.field, definition.kind.own
    name = own[-1] if own and own[-1] in COUNTERS else None
    if name is None:
        return rows, list(range(len(rows)))
    if name in counter:
        chosen = rows[rows[name] == counter[name]]
        if chosen.empty:
            raise Refused(
                "unknown",
                f"no such {name}",
                found=str(counter[name]),
                expected=f"{int(rows[name].min())} to {int(rows[name].max())}",
                do=f"name a {name} of the race",
            )
    else:
        chosen = rows.sort_values(name, kind="stable").drop_duplicates(DRIVER, keep="last")
    chosen = chosen.sort_values(DRIVER, kind="stable")
    return chosen.reset_index(drop=True), [int(index) for index in chosen.index]


def _entered(
    champion: Champion, vectors: Vectors, cars: _Cars, entries: Sequence[str] | Mapping[str, str | None]
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


def _started(
    champion: Champion, vectors: Vectors, cars: _Cars, frame: pd.DataFrame, grid: Mapping[str, int]
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


def _slots(vectors: Vectors, cars: _Cars, frame: pd.DataFrame, grid: Mapping[str, int]) -> pd.Series:
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


def instant_of(text: str) -> datetime:
    """Return an instant of a question in UTC.

    Raises:
        Refused: it is none, or has no zone.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise wrong(
            "as_of",
            found=repr(text),
            expected="a stage, or an instant with its zone",
            do="write e.g. 2024-05-26T13:00Z",
        )
    return found.astimezone(UTC)
