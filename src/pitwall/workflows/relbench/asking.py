"""What is asked of the benchmark, its names checked before anything is read."""

from __future__ import annotations

from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.ml.relbench.learning.rules import RULES
from pitwall.ml.relbench.protocol import cut_of
from pitwall.ml.relbench.run import Asked
from pitwall.ml.relbench.tasks import CUTOFFS, TASKS, task


def asked(
    data: Path,
    protocol: str,
    tasks: list[str] | None = None,
    splits: list[str] | None = None,
    *,
    beside: bool = False,
    laps: bool = False,
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
