"""What each run reached in a metric: its last value, the best one of its history, the smallest, the largest, or that of one step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from pitwall.domain.errors import UnknownName
from pitwall.domain.ports import RunReader, RunRecord
from pitwall.tracking.early_stopping.direction import Mode
from pitwall.tracking.experiments.run import NOT_FINITE

Which = Literal["last", "best", "min", "max"]
WHICH: tuple[Which, ...] = get_args(Which)


def checked_which(text: str) -> Which:
    """Return one of the four words; raise UnknownName for another one."""
    for known in WHICH:
        if text == known:
            return known
    raise UnknownName("value to compare by", text, WHICH)


def reached(
    runs: RunReader,
    records: Sequence[RunRecord],
    metric: str,
    mode: Mode,
    *,
    which: Which = "last",
    step: int | None = None,
) -> dict[str, float]:
    """Return {run: value} of the runs that have one. Values that were not finite never count.

    A history is asked for only where the last value does not say it, and for all runs at once.

    Args:
        runs: the run store.
        records: the runs.
        metric: its whole name.
        mode: whether `best` is the smallest or the largest.
        which: value of each run.
        step: the value at this step instead.
    """
    having = [record for record in records if metric in record.metrics]
    if step is None and which == "last":
        return _last(runs, having, metric)
    histories = runs.histories([record.run_id for record in having], metric)
    if step is not None:
        at_step = {run_id: [value for at, value in history if at == step] for run_id, history in histories.items()}
        return {run_id: values[-1] for run_id, values in at_step.items() if values}
    pick = min if which == "min" or (which == "best" and mode == "min") else max
    return {run_id: pick(value for _, value in history) for run_id, history in histories.items() if history}


def _last(runs: RunReader, records: Sequence[RunRecord], metric: str) -> dict[str, float]:
    """Return the last values; a run whose last one was not finite has diverged, and has none."""
    lost = {record.run_id: found for record in records if (found := _lost(record.tags).get(metric))}
    diverged = {
        run_id
        for run_id, history in (runs.histories(list(lost), metric) if lost else {}).items()
        if not history or lost[run_id]["last"] >= history[-1][0]
    }
    return {record.run_id: record.metrics[metric] for record in records if record.run_id not in diverged}


def _lost(tags: Mapping[str, str]) -> dict[str, dict[str, int]]:
    return dict(json.loads(tags.get(NOT_FINITE, "{}")))
