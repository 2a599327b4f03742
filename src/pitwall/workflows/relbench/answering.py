"""Answer, score and write."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from pitwall.ml.relbench.output import write
from pitwall.ml.relbench.run import Asked, Row, answer, scores


@dataclass(frozen=True)
class Done:
    """What was written, what it scored where there are labels, and how long it took by the clock and of the processor."""

    files: list[Path]
    scores: list[Row]
    seconds: float
    cpu_seconds: float


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
    files = write(out, what, answered, scored, seconds)
    return Done(files, scored, seconds, sum(each.cpu_seconds for each in answered))
