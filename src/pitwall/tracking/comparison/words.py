"""The best run in words, as people paste them: its id, the value, its parameters, its final numbers."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.tracking.comparison.main_metrics import final_metrics
from pitwall.tracking.comparison.table import Comparison
from pitwall.tracking.experiments.run import short

DIGITS = "{:.4f}"


def best_run_lines(found: Comparison) -> Iterator[str]:
    """Yield the lines that tell which run is best; one line where none has a value."""
    best = found.best
    if best is None:
        yield f"no run has a value of {found.metric or 'any metric whose name says which way is better'}"
        return
    yield f"Run ID: {short(best.record.run_id)}"
    yield f"Best {found.metric}: {DIGITS.format(best.values[found.metric])}"
    yield ""
    yield "Parameters:"
    yield from (f"  {name}: {value}" for name, value in best.record.params.items())
    yield ""
    yield "Final Metrics:"
    finals = final_metrics(best.record)
    yield from (f"  {name}: {DIGITS.format(best.record.metrics[name])}" for name in finals)
    if more := len(best.record.metrics) - len(finals):
        yield f"  ({more} more: pitwall exp show {short(best.record.run_id)})"
