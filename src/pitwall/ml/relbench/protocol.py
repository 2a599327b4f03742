"""Until when rows may be read for a tick, and how every tick is answered under that rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from pitwall.domain.errors import UnknownName
from pitwall.features.machinery.shared.filter import Index
from pitwall.ml.relbench.data.history import History, Known
from pitwall.ml.relbench.features.table import Features
from pitwall.ml.relbench.features.tick import Array, Tick
from pitwall.ml.relbench.learning.blend import Blend
from pitwall.ml.relbench.learning.rules import RULES, Windows
from pitwall.ml.relbench.learning.samples import Samples, with_asked
from pitwall.ml.relbench.tasks import CUTOFFS, Task

ROLLING, FROZEN = "rolling", "frozen"
PROTOCOLS = {
    ROLLING: "rows strictly before each prediction's own seed time; features and model are made anew for every seed time",
    FROZEN: "rows before the split's own cut-off (2005-01-01 for val, 2010-01-01 for test) for every prediction",
}
OURS = "pitwall"
Answer = Callable[[Known, Tick], Array]


def cut_of(protocol: str, split: str, seed: pd.Timestamp) -> pd.Timestamp:
    """Return the instant before which rows may be read; raises `UnknownName` for a protocol or split that is none."""
    if protocol not in PROTOCOLS:
        raise UnknownName("protocol", protocol, PROTOCOLS)
    if split not in CUTOFFS:
        raise UnknownName("split", split, CUTOFFS)
    return seed if protocol == ROLLING else CUTOFFS[split]


@dataclass(frozen=True)
class Questions:
    """The rows of a split: who is asked about, when, and until when may be read.

    Attributes:
        task: of the benchmark.
        split: val or test.
        protocol: rolling or frozen.
        table: date, driverId, in the order of the answers; a label is not looked at.
    """

    task: Task
    split: str
    protocol: str
    table: pd.DataFrame

    def ticks(self) -> Iterator[tuple[Index, Tick]]:
        """Yield the places of each instant's rows and the tick they make; it sees the questions before it, none after it."""
        date, driver = self.table["date"].to_numpy(), self.table["driverId"].to_numpy(dtype=np.int64)
        for each in np.unique(date):
            rows, seed = np.flatnonzero(date == each), pd.Timestamp(each)
            tick = Tick(seed, driver[rows])
            if cut_of(self.protocol, self.split, seed) != seed:
                before = date < each
                tick = with_asked(pd.DataFrame({"driver": driver[before], "tick": date[before]}), tick)
            yield rows, tick


def predict(history: History, questions: Questions, answer: Answer) -> Array:
    """Answer all rows of a split: what answers is given what may be read for the tick, and nothing else.

    Args:
        history: of the dump.
        questions: of a split.
        answer: given what may be read and a tick, an answer per driver.

    Returns:
        (rows,) in the order of the questions.
    """
    said = np.full(len(questions.table), np.nan)
    for rows, tick in questions.ticks():
        said[rows] = answer(history.before(cut_of(questions.protocol, questions.split, tick.seed)), tick)
    return said


def answers(task: Task, name: str) -> Answer:
    """Return what answers: ours, or a rule by its name."""
    if name == OURS:
        return ours(task)
    if name not in RULES:
        raise UnknownName("rule", name, [OURS, *RULES])
    return partial(RULES[name], Windows(task))


def ours(task: Task) -> Answer:
    """Return ours: samples, features and the blend, each of what is handed to it alone."""
    features = Features(task.window)
    samples = Samples(task, features)

    def answer(known: Known, tick: Tick) -> Array:
        model = Blend(samples.of(known, tick.seed - known.instant), yes_or_no=task.yes_or_no)
        return model.predict(features.of(known, tick).to_numpy())

    return answer
