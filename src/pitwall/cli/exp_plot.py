"""`pitwall exp plot`: pictures of runs, each as a PNG and as a page that needs no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli.machinery.logbook import DirOption, ModeOption, RunsArgument, WhichOption, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pitwall.domain.ports import RunRecord
    from pitwall.workflows.logbook.plotting import Drawn, Measure
    from pitwall.workflows.logbook.store import Logbook

app = typer.Typer(
    help="Draw runs: learning curves, parameters, importances, trade-offs.", no_args_is_help=True, rich_markup_mode=None
)
MetricArgument = Annotated[str, typer.Argument(help="The metric, or the beginning of its name.")]
OutOption = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Default: reports/experiments, or the folder of --dir.")
]


@app.command("curves", epilog="Example: pitwall exp plot curves validation/log_loss pitwall-order")
def curves(
    metric: MetricArgument,
    targets: RunsArgument = None,
    out: OutOption = None,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Draw a metric by step, a line for each run."""
    from pitwall.workflows.logbook import plotting
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        drawn = plotting.curves(book, book.records(targets or ()), metric)
        _write(drawn, out or book.pictures, json_file)


@app.command("parallel", epilog="Example: pitwall exp plot parallel race_winner.log_loss pitwall-order")
def parallel(
    metric: MetricArgument,
    targets: RunsArgument = None,
    *,
    param: Annotated[
        list[str] | None, typer.Option(help="May be repeated; without it, those in which the runs differ.")
    ] = None,
    mode: ModeOption = None,
    which: WhichOption = "last",
    out: OutOption = None,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Draw every run as a line through its parameters to what it reached (parallel coordinates)."""
    from pitwall.workflows.logbook import plotting
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        records, what = _measured(book, targets, metric, mode, which)
        _write(plotting.parallel(book, records, what, param or ()), out or book.pictures, json_file)


@app.command("scatter", epilog="Example: pitwall exp plot scatter pitwall-order --x recipe.prior --y podium.brier")
def scatter(
    targets: RunsArgument = None,
    *,
    x: Annotated[str, typer.Option("--x", metavar="PARAM", help="The parameter across.")],
    y: Annotated[str, typer.Option("--y", metavar="METRIC", help="The metric.")],
    color: Annotated[str | None, typer.Option(metavar="PARAM", help="The parameter that colours the points.")] = None,
    label: Annotated[str | None, typer.Option(metavar="PARAM", help="Its value stands beside each point.")] = None,
    mode: ModeOption = None,
    which: WhichOption = "last",
    out: OutOption = None,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Draw a parameter against a metric, a point for each run."""
    from pitwall.workflows.logbook import plotting
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        records, what = _measured(book, targets, y, mode, which)
        _write(plotting.scatter(book, records, what, x=x, color=color, text=label), out or book.pictures, json_file)


@app.command("importance", epilog="Example: pitwall exp plot importance race_winner.log_loss pitwall-order")
def importance(
    metric: MetricArgument,
    targets: RunsArgument = None,
    *,
    mode: ModeOption = None,
    which: WhichOption = "last",
    out: OutOption = None,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Draw which share of the differences in a metric each parameter explains (fANOVA)."""
    from pitwall.workflows.logbook import plotting
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        records, what = _measured(book, targets, metric, mode, which)
        drawn, shares = plotting.importance(book, records, what)
        rows = [(name, f"{share:.1%}") for name, share in shares.items()]
        console(json_file).print(table(what.label, ["explained by", "share"], rows, right=["share"]))
        _write(drawn, out or book.pictures, json_file, {"shares": shares})


@app.command("pareto", epilog="Example: pitwall exp plot pareto race_winner.log_loss pitwall-order")
def pareto(
    metric: MetricArgument,
    targets: RunsArgument = None,
    *,
    latency: Annotated[str | None, typer.Option(metavar="METRIC", help="What tells it; inference.p95_ms.")] = None,
    size: Annotated[str | None, typer.Option(metavar="METRIC", help="Default: the registered model's, in MB.")] = None,
    mode: ModeOption = None,
    which: WhichOption = "last",
    out: OutOption = None,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Draw quality against latency and size, and name the runs that no other beats in all of them."""
    from pitwall.tracking.experiments.run import short
    from pitwall.workflows.logbook import plotting
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        records, what = _measured(book, targets, metric, mode, which)
        drawn, front = plotting.pareto(book, records, what, latency, size)
        rows = [(short(each.run_id), each.name, number(each.metrics[what.name])) for each in front]
        screen = console(json_file)
        screen.print(f"no other run is better in all: {len(front)} of {drawn.runs}")
        screen.print(table("", ["run", "name", what.name], rows, right=[what.name]))
        _write(drawn, out or book.pictures, json_file, {"front": [each.run_id for each in front]})


def _measured(
    book: Logbook, targets: Sequence[str] | None, metric: str, mode: str | None, which: str
) -> tuple[list[RunRecord], Measure]:
    """Return the runs that were named, and the metric of theirs."""
    from pitwall.tracking.comparison.reached import checked_which
    from pitwall.workflows.logbook.plotting import measure

    records = book.records(targets or ())
    return records, measure(records, metric, mode, checked_which(which))


def _write(drawn: Drawn, folder: Path, json_file: str | None, more: Mapping[str, Any] | None = None) -> None:
    files = drawn.write(folder)
    screen = console(json_file)
    screen.print(f"{drawn.runs} runs drawn{f'; {drawn.note}' if drawn.note else ''}", soft_wrap=True)
    for path in files:
        screen.print(str(path), soft_wrap=True)
    write_json(
        {"files": [str(path) for path in files], "runs": drawn.runs, "note": drawn.note, **(more or {})}, json_file
    )


COMMANDS = Commands((Group("exp plot", app),), order=12)
