"""RelBench's tasks on Formula 1: answer, score and write, from a folder of the user's and without a project."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.ml.relbench.learning.rules import RULES
from pitwall.ml.relbench.output import write
from pitwall.ml.relbench.protocol import PROTOCOLS, cut_of
from pitwall.ml.relbench.run import Asked, Row, answer, scores
from pitwall.ml.relbench.tasks import CUTOFFS, TASKS, task


@dataclass(frozen=True)
class Done:
    """What was written, what it scored where there are labels, and how long it took."""

    files: list[Path]
    scores: list[Row]
    seconds: float


def asked(
    data: Path,
    protocol: str,
    tasks: list[str] | None = None,
    splits: list[str] | None = None,
    *,
    beside: bool = False,
    laps: bool = True,
) -> Asked:
    """Return what is asked, its names checked.

    Args:
        data: folder that holds `ergast` and `rel_f1`.
        protocol: rolling or frozen.
        tasks: None for all.
        splits: val, test; None for both.
        beside: answer by the rules, too.
        laps: lap times may be read.

    Raises:
        UnknownName: a protocol, task or split that is none.
        UsageError: the folder is not there.
    """
    names, parts = tuple(dict.fromkeys(tasks or TASKS)), tuple(dict.fromkeys(splits or CUTOFFS))
    for name in names:
        task(name)
    for part in parts:
        cut_of(protocol, part, CUTOFFS["val"])
    if not data.is_dir():
        raise UsageError(
            f"{data} is no folder; give the one that holds `ergast` and `rel_f1` as --data (docs/relbench.md)."
        )
    return Asked(data, protocol, names, parts, tuple(RULES) if beside else (), laps)


def run(what: Asked, out: Path, workers: int | None = None) -> Done:
    """Answer, score and write.

    Args:
        what: of `asked`.
        out: folder for the files.
        workers: processes; None for the cores.
    """
    started = time.perf_counter()
    answered = answer(what, workers)
    scored, seconds = scores(answered), round(time.perf_counter() - started, 1)
    return Done(write(out, what, answered, scored, seconds), scored, seconds)


__all__ = ["PROTOCOLS", "Done", "asked", "run"]
