"""From a question to the rows that a model reads: which race, as of when, which cars, from which slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import pandas as pd

from pitwall.domain.keys import DRIVER
from pitwall.ml.models import Model
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.workflows.serving.bundle import Champion
from pitwall.workflows.serving.cars import Line, entered, started
from pitwall.workflows.serving.refusals import Refused, wrong
from pitwall.workflows.serving.vectors import Vectors

COUNTERS = ("lap", "stop", "stint")
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
        vectors: of the race.
        names: of each row, as people know it.
        labels: what a reader must know of them.
        as_known: they are those that take part, from where they start.
        at: which rows of the vectors they are; None where one was put together from several.
        changed: columns that differ from what was exported.
        whole: the rows before these changes, where one was put together from several.
    """

    vectors: Vectors
    names: Sequence[Mapping[str, str | None]]
    labels: tuple[str, ...]
    as_known: bool
    at: Sequence[int] | None
    changed: Mapping[str, np.ndarray] = field(default_factory=dict)
    whole: pd.DataFrame | None = None
    _known: dict[tuple[str, ...], tuple[tuple[str, ...], pd.DataFrame]] = field(default_factory=dict, repr=False)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Spine columns and all features."""
        rows = self.vectors.frame.take(self._at).reset_index(drop=True) if self.whole is None else self.whole
        return rows.assign(**self.changed) if self.changed else rows

    @cached_property
    def _at(self) -> np.ndarray:
        return np.array(self.at, np.intp)

    def read_by(self, recipe: Recipe, beside: Sequence[str] | None) -> pd.DataFrame:
        """Return the features that a recipe reads.

        Args:
            recipe: of the model or its baseline.
            beside: spine columns that are read beside them, as numbers too; None where these may be any.
        """
        if self.whole is not None or beside is None:
            return recipe.select(self.frame)
        return self._read(recipe, tuple(beside))

    def _read(self, recipe: Recipe, beside: tuple[str, ...]) -> pd.DataFrame:
        known = self._known.get(beside)
        if known is not None and known[0] == recipe.features:  # model and baseline often read the same
            return known[1]
        columns, values = self.vectors.read_by(recipe, beside)
        taken = values.take(self._at, axis=1)
        for name, changed in self.changed.items():
            if name in recipe.features:
                taken[len(beside) + recipe.features.index(name)] = changed
        rows = pd.DataFrame(taken.T, columns=columns, copy=False)
        self._known[beside] = recipe.features, rows
        return rows

    def columns(self, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Return columns by name, of those that there are."""
        if self.whole is not None:
            return {name: self.frame[name].to_numpy() for name in names if name in self.frame}
        there = [name for name in names if name in self.vectors.names]
        return {
            name: self.changed[name] if name in self.changed else self.vectors.column(name)[self._at] for name in there
        }


def rows_of(champion: Champion, vectors: Vectors, question: Question) -> Rows:
    """Return the rows that a question is about.

    Raises:
        Refused: a name is not known, or cars and slots cannot be.
    """
    definition = champion.definition
    _refuse_deaf(definition, question)
    names, labels = vectors.facts["names"], [*vectors.facts["labels"]]
    if not question.what_if:
        at = _counted(definition, vectors, question.counter)
        return Rows(vectors, [names[index] for index in at], tuple(labels), as_known=vectors.facts["recorded"], at=at)
    cars = vectors.facts["taking_part"]
    if question.entries is None:
        line = Line(range(cars), names[:cars])
    else:
        line = entered(champion, vectors, question.entries)
        labels.append(WHAT_IF_ENTRIES)
        if len(line.names) != cars:
            labels.append(
                f"what if: {len(line.names)} cars where the race has {cars}: every chance is among these, and is 1 for an "
                "event that has a place for each of them"
            )
    changed = {}
    if question.grid is not None:
        changed = started(champion, vectors, line.at, question.grid)
        labels.append(WHAT_IF_GRID)
    where = line.at if line.whole is None else None
    return Rows(vectors, line.names, tuple(labels), as_known=False, at=where, changed=changed, whole=line.whole)


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


def _counted(definition: Model, vectors: Vectors, counter: Mapping[str, int]) -> list[int]:
    """Return where the rows stand that take part, of a model within races those of a number or the newest, of each car if it is about cars."""
    rows, own = vectors.field, definition.kind.own
    name = own[-1] if own and own[-1] in COUNTERS else None
    if name is None:
        return list(range(len(rows)))
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
        chosen = rows.sort_values(name, kind="stable")
        chosen = chosen.drop_duplicates(DRIVER, keep="last") if DRIVER in own else chosen.tail(1)
    if DRIVER in own:
        chosen = chosen.sort_values(DRIVER, kind="stable")
    return [int(index) for index in chosen.index]


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
