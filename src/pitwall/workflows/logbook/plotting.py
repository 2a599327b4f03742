"""Draw runs beside each other: one PNG, and one page that says more where somebody points at it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.report.content.document import Document, Section
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.interactive import embed
from pitwall.report.figures.palette import SERIES
from pitwall.report.figures.runs import interactive
from pitwall.report.figures.runs.learning import learning_figure
from pitwall.report.figures.runs.plane import scatter_figure, tradeoff_figure
from pitwall.report.figures.search.trials import importances_figure, parallel_figure
from pitwall.report.html import write_html
from pitwall.tracking.comparison.columns import best_last, chosen, labels
from pitwall.tracking.comparison.named import named
from pitwall.tracking.comparison.reached import Which, reached
from pitwall.tracking.comparison.tradeoff import cost_metric, front_of
from pitwall.tracking.early_stopping.direction import Mode, mode_of
from pitwall.workflows.logbook.importance import importances
from pitwall.workflows.logbook.model_sizes import SIZE, model_sizes
from pitwall.workflows.logbook.store import Logbook

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEW = 2  # runs that a picture of parameters needs
AXES = 10  # parameters that one picture shows unless more are named


@dataclass(frozen=True)
class Measure:
    """A metric of runs: its whole name, which way is better, and which value of each run counts."""

    name: str
    mode: Mode
    which: Which = "last"

    @property
    def label(self) -> str:
        """The name, and which value it is where it is not the last one."""
        return self.name if self.which == "last" else f"{self.name} ({self.which})"

    @property
    def sign(self) -> float:
        """1 where less is better, -1 where more is."""
        return 1.0 if self.mode == "min" else -1.0


@dataclass(frozen=True)
class Drawn:
    """A picture in both forms.

    Attributes:
        name: of its files.
        png: the still one.
        page: the one that answers to the mouse, of Plotly.
        runs: how many it shows.
        note: what it does not show; empty where it shows all.
    """

    name: str
    png: Figure
    page: Any
    runs: int
    note: str = ""

    def write(self, folder: Path) -> list[Path]:
        """Write both and return the files."""
        page = Document(self.name.replace("_", " "), f"{self.runs} runs", (Section("", (embed(self.page),)),), "runs")
        return [write_png(self.png, folder / f"{self.name}.png"), write_html(page, folder / f"{self.name}.html")]


def measure(records: Sequence[RunRecord], text: str, mode: str | None, which: Which = "last") -> Measure:
    """Return the metric that a text names among those of some runs.

    Raises:
        UnknownName: no run has such a metric.
        UsageError: its name does not say which way is better, and no mode does.
    """
    name = named("metric", text, records)
    return Measure(name, mode_of(name, mode), which)


def curves(book: Logbook, records: Sequence[RunRecord], metric: str) -> Drawn:
    """Draw a metric by step; of many runs, the newest have colours."""
    name = named("metric", metric, records)
    having = [record for record in records if name in record.metrics]
    held = book.runs.histories([record.run_id for record in having], name)
    called = dict(zip(labels(having), (held[record.run_id] for record in having), strict=True))
    first = dict(list(called.items())[: len(SERIES)])
    others = list(called.values())[len(SERIES) :]
    drawn = learning_figure(first, others, name)
    note = f"{len(others)} older runs are grey in the PNG" if others else ""
    return Drawn(f"metric_comparison_{_file(name)}", drawn, interactive.learning(called, name), len(having), note)


def parallel(book: Logbook, records: Sequence[RunRecord], what: Measure, params: Sequence[str] = ()) -> Drawn:
    """Draw one line per run through its parameters to what it reached, all runs, the good ones on top."""
    kept, columns, values, note = _selected(book, records, what, params)
    shown = columns if params else dict(list(columns.items())[:AXES])
    if left := len(columns) - len(shown):
        note = "; ".join(filter(None, (note, f"{left} more parameters differ; choose with --param")))
    png = parallel_figure(shown, values, what.label, what.sign)
    page = interactive.parallel(shown, values, what.label, what.sign)
    return Drawn(f"parallel_{_file(what.name)}", png, page, len(kept), note)


def scatter(
    book: Logbook,
    records: Sequence[RunRecord],
    what: Measure,
    *,
    x: str,
    color: str | None = None,
    text: str | None = None,
) -> Drawn:
    """Draw a parameter against what the runs reached.

    Args:
        book: the run store.
        records: the runs.
        what: they reached.
        x: the parameter across.
        color: the one that points are coloured by; none without it.
        text: the one whose value stands beside each point; none without it.
    """
    asked = dict.fromkeys(each for each in (x, color, text) if each is not None)
    kept, columns, values, note = _selected(book, records, what, tuple(asked))
    by = dict(zip(asked, columns.items(), strict=True))
    texts = [f"{value:.3g}" if isinstance(value, float) else str(value) for value in by[text][1]] if text else []
    png = scatter_figure(by[x], values, what.label, by[color] if color else None, texts)
    frame = pd.DataFrame({"run": labels(kept), **columns, what.label: values})
    page = interactive.scatter(frame, by[x][0], what.label, by[color][0] if color else None)
    return Drawn(f"scatter_{_file(by[x][0])}_{_file(what.name)}", png, page, len(kept), note)


def importance(book: Logbook, records: Sequence[RunRecord], what: Measure) -> tuple[Drawn, dict[str, float]]:
    """Draw which share of the differences in a metric each parameter explains; return the shares too."""
    kept, columns, values, note = _selected(book, records, what, ())
    shares = importances(columns, values)
    png = importances_figure(dict(list(shares.items())[: 2 * AXES]), what.label)
    page = interactive.importances(shares, what.label)
    return Drawn(f"importance_{_file(what.name)}", png, page, len(kept), note), shares


def pareto(
    book: Logbook, records: Sequence[RunRecord], what: Measure, latency: str | None = None, size: str | None = None
) -> tuple[Drawn, list[RunRecord]]:
    """Draw quality against latency and size; return also the runs of which no other is better in all of them.

    Args:
        book: the run store.
        records: the runs.
        what: the quality.
        latency: the metric that tells it; by its usual names without it.
        size: the same; without one, in a project, the size of the model that the run registered.

    Raises:
        UsageError: no run tells a latency, or too few have all of them.
    """
    slow, large = cost_metric("latency", latency, records), cost_metric("size", size, records)
    if slow is None:
        raise UsageError("no metric of these runs tells a latency; name one with --latency, e.g. resources.seconds.")
    sizes = {r.run_id: r.metrics[large] for r in records if large in r.metrics} if large else model_sizes(book)
    reached_values = reached(book.runs, records, what.name, what.mode, which=what.which)
    whole = [r for r in best_last(records, reached_values, lower=what.mode == "min") if slow in r.metrics]
    sized = [record for record in whole if record.run_id in sizes]
    kept = sized or whole
    if len(kept) < FEW:
        raise UsageError(f"{len(kept)} runs have both {what.name} and {slow}; a front needs {FEW}.")
    quality = np.array([reached_values[record.run_id] for record in kept])
    cost = np.array([record.metrics[slow] for record in kept])
    area = np.array([sizes[record.run_id] for record in kept]) if sized else None
    front = front_of(np.column_stack([each for each in (what.sign * quality, cost, area) if each is not None]))
    called, of_size = labels(kept), large or SIZE
    png = tradeoff_figure(
        (slow, list(cost)),
        quality,
        what.label,
        front=front,
        names=called,
        sizes=None if area is None else (of_size, list(area)),
    )
    frame = pd.DataFrame({"run": called, slow: cost, what.label: quality, "best": np.isin(np.arange(len(kept)), front)})
    if area is not None:
        frame[of_size] = area
    page = interactive.tradeoff(frame, slow, what.label, None if area is None else of_size)
    left = len(records) - len(kept)
    note = f"{left} runs that lack one of the numbers are not drawn" if left else ""
    order = sorted(front, key=lambda each: what.sign * quality[each])
    return Drawn(f"pareto_{_file(what.name)}", png, page, len(kept), note), [kept[each] for each in order]


def _selected(
    book: Logbook, records: Sequence[RunRecord], what: Measure, params: Sequence[str]
) -> tuple[list[RunRecord], dict[str, list[object]], np.ndarray, str]:
    """Return the runs that have a value and the parameters, the worst first, with both; and how many others there are."""
    values = reached(book.runs, records, what.name, what.mode, which=what.which)
    kept, columns = chosen(best_last(records, values, lower=what.mode == "min"), params)
    if len(kept) < FEW or not columns:
        raise UsageError(
            f"{len(kept)} runs have {what.name} and {len(columns)} parameters in which they differ; a picture needs {FEW} and one."
        )
    left = len(records) - len(kept)
    note = f"{left} runs without {what.name} or one of the parameters are not drawn" if left else ""
    return kept, columns, np.array([values[record.run_id] for record in kept]), note


def _file(name: str) -> str:
    """Return a name as a part of a file's."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name)
