"""Which races can be asked about, by the names that people give them, and their vectors: read from files, again when these have changed."""

from __future__ import annotations

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pitwall.domain.errors import ServingError
from pitwall.domain.project import Project
from pitwall.ml.data.calendar import LABEL
from pitwall.ml.data.entity_names import plain
from pitwall.workflows.serving.exporting.races import INDEX
from pitwall.workflows.serving.places import read_json
from pitwall.workflows.serving.refusals import Refused, unknown
from pitwall.workflows.serving.vectors import Vectors, read_vectors

KEPT = 512  # races whose vectors stay in memory
YEAR = re.compile(r"\b(\d{4})\b")
T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """A race that can be asked about.

    Attributes:
        label: e.g. 2024-08.
        name: of the Grand Prix.
        words: its name, circuit and country as plain words, by which people call it.
        cutoff: of the stage, ISO text in UTC.
        run: whether it has results.
    """

    label: str
    name: str
    words: str
    cutoff: str
    run: bool


class Catalogue:
    """The races and vectors of a project.

    Args:
        project: with a `serving` folder.
    """

    def __init__(self, project: Project) -> None:
        self._folder = str(project.serving)
        self._indexes: _Files[dict[str, Known]] = _Files(KEPT)
        self._vectors: _Files[Vectors] = _Files(KEPT)

    def known(self, name: str) -> Mapping[str, Known]:
        """Return the races that a model can be asked about by label, oldest first."""
        try:
            return self._indexes.get(f"{self._folder}/{name}/vectors/{INDEX}", _read_index)
        except FileNotFoundError:
            return {}

    def races(self, name: str) -> list[Known]:
        """Return the races that a model can be asked about, oldest first."""
        return list(self.known(name).values())

    def vectors(self, name: str, race: str, stage: str) -> Vectors | None:
        """Return what a model reads of a race; None where nothing was exported.

        Raises:
            ServingError: the file is damaged.
        """
        try:
            return self._vectors.get(f"{self._folder}/{name}/vectors/{race}-{stage}.parquet", read_vectors)
        except FileNotFoundError:
            return None


class _Files(Generic[T]):
    """What files say, read again when one was replaced; the least recently asked are forgotten."""

    def __init__(self, kept: int) -> None:
        self._kept, self._lock = kept, threading.Lock()
        self._held: OrderedDict[str, tuple[tuple[int, int, int], T]] = OrderedDict()

    def get(self, path: str, read: Callable[[Path], T]) -> T:
        """Return what a file says; raise FileNotFoundError if there is none."""
        state = os.stat(path)  # noqa: PTH116  (making a Path costs more than asking)
        seen = (state.st_mtime_ns, state.st_ino, state.st_size)
        held = self._held.get(path)
        if held is not None and held[0] == seen:
            return held[1]
        value = read(Path(path))
        with self._lock:
            self._held[path] = (seen, value)
            self._held.move_to_end(path)
            while len(self._held) > self._kept:
                self._held.popitem(last=False)
        return value


def find(asked: str, known: Collection[Mapping[str, Known]]) -> str:
    """Return the label of a race that is named by season and round, or by season and a word of its name, circuit or country.

    Args:
        asked: what the race is called.
        known: by label, of each model that may answer.

    Raises:
        Refused: no race is meant, or several are.
    """
    if any(asked in races for races in known):
        return asked
    last = {label: race for races in known for label, race in races.items()}
    labels = {label: last[label] for label in sorted(last)}
    races = list(labels.values())
    if match := LABEL.fullmatch(asked.strip()):
        label = f"{match[1]}-{int(match[2]):02d}"
        if label in labels:
            return label
        raise unknown("race", asked, labels, "name one that was exported, e.g. `GET /api/v1/forecasts` lists the next")
    words = plain(asked)
    year = YEAR.search(words)
    rest = YEAR.sub("", words).split()
    found = [
        race.label
        for race in races
        if rest and (year is None or race.label.startswith(year[1])) and set(rest) <= set(race.words.split())
    ]
    if year is None and found:
        found = found[-1:]  # without a season the latest of that name is meant
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(
            "content",
            "several races are meant",
            found=repr(asked),
            expected="a name that fits one race",
            do="name it by season and round",
            near=found[:5],
        )
    names = [f"{plain(race.name).replace(' ', '_')}_{race.label[:4]}" for race in races]
    raise unknown("race", asked, [*labels, *names], "name it by season and round, e.g. 2024-08, or monaco_2024")


def _read_index(path: Path) -> dict[str, Known]:
    try:
        return {
            each["label"]: Known(
                each["label"],
                each["name"],
                plain(f"{each['name']} {each['circuit']} {each['country']} {each['ref']}"),
                each["cutoff"],
                each["run"],
            )
            for each in read_json(path)["races"]
        }
    except (KeyError, TypeError) as error:
        raise ServingError(f"{path} is no list of races ({error}); run `pitwall serve --export`.") from error
