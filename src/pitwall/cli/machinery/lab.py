"""`compare-experiments`: the lab's script over a folder of runs; in a project without such a folder, over the project's runs.

    compare-experiments EXPERIMENT
    compare-experiments EXPERIMENT plot METRIC RUN...
    compare-experiments --list

Its blocks are those of the lab's page, so that who learnt there finds them again; `pitwall exp` says more.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.domain.errors import PitwallError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pitwall.tracking.comparison.table import Comparison
    from pitwall.workflows.logbook.store import Logbook

FOLDER = Path("experiments")
PLOT = "plot"
RULE = "=" * 80


def compare_experiments(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="EXPERIMENT [plot METRIC [RUN...]]", help="What to compare or to draw."),
    ] = None,
    *,
    list_: Annotated[bool, typer.Option("--list", help="List all experiments with their runs.")] = False,
    metric: Annotated[str | None, typer.Option(help="Which metric decides; by the names of the finals else.")] = None,
    directory: Annotated[
        Path | None, typer.Option("--dir", metavar="FOLDER", help=f"Runs in a folder; default: {FOLDER}.")
    ] = None,
) -> None:
    """Compare the runs of an experiment, draw a metric of some runs, or list experiments."""
    from pitwall.workflows.logbook.store import opened

    experiment, *rest = words or [""]
    if not list_ and (not experiment or (rest and (rest[0] != PLOT or len(rest) == 1))):
        raise UsageError("give EXPERIMENT, EXPERIMENT plot METRIC [RUN...], or --list.")
    with opened(directory or (FOLDER if FOLDER.is_dir() else None)) as book:
        lines = (
            _listed(book)
            if list_
            else _drawn(book, experiment, *rest[1:])
            if rest
            else _compared(book, experiment, metric)
        )
        for line in lines:
            typer.echo(line)


def _listed(book: Logbook) -> Iterator[str]:
    from pitwall.tracking.comparison.experiments import experiments
    from pitwall.tracking.experiments.run import short

    yield from (RULE, "ALL EXPERIMENTS", RULE)
    for each in experiments(book.runs.all()[::-1]):
        ids = ", ".join(short(run.run_id) for run in each.runs)
        yield from (
            "",
            f"{each.name}:",
            f"  Total runs: {len(each.runs)}",
            f"  Completed: {each.completed}",
            f"  Run IDs: {ids}",
        )


def _compared(book: Logbook, experiment: str, metric: str | None) -> Iterator[str]:
    from pitwall.tracking.comparison.table import Question, compare
    from pitwall.tracking.comparison.words import best_run_lines

    records = book.experiment(experiment)
    name = records[0].experiment
    found = compare(book.runs, records, Question((metric,) if metric else ()))
    yield from (f"Found {len(records)} runs for '{name}'", "", RULE, f"EXPERIMENT COMPARISON: {name}", RULE)
    yield from _aligned(list(_rows(found)))
    yield from ("", RULE, "BEST RUN:", RULE)
    yield from best_run_lines(found)


def _rows(found: Comparison) -> Iterator[Sequence[str]]:
    """Yield the head of the table and a row for each run: parameters that are one word, and the metrics that count."""
    from pitwall.tracking.experiments.run import short
    from pitwall.tracking.run_stores.words import WORDS

    names = dict.fromkeys(name for each in found.rows for name in each.record.params)
    params = [name for name in names if all(" " not in each.record.params.get(name, "") for each in found.rows)]
    yield ["run_id", "status", *params, *found.metrics]
    for each in found.rows:
        values = [each.values[name] for name in found.metrics]
        numbers = ["" if value is None else f"{value:.4f}" for value in values]
        texts = [each.record.params.get(name, "") for name in params]
        yield [short(each.record.run_id), WORDS[each.record.status], *texts, *numbers]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _drawn(book: Logbook, experiment: str, metric: str, *runs: str) -> Iterator[str]:
    from pitwall.workflows.logbook.plotting import curves

    records = [book.run(text) for text in runs] or book.experiment(experiment)
    png, *_ = curves(book, records, metric).write(book.pictures)
    yield f"Created: {png}"


def main() -> None:
    """Run the command; every deliberate error ends as its message on stderr and its exit code."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(epilog="Example: compare-experiments lap_model")(compare_experiments)
    try:
        app()
    except PitwallError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
