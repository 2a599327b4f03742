"""`pitwall relbench`: answer RelBench's tasks on Formula 1, and write its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import console, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def relbench(  # noqa: PLR0917  (Typer reads the options from the signature)
    out: Annotated[Path, typer.Option(help="Where to write; validation goes to `val` below it.")],
    data: Annotated[
        Path,
        typer.Option(
            envvar="PITWALL_REAL_DATA",
            help="The folder that holds `ergast` (a dump) and `rel_f1` (the benchmark's tables).",
        ),
    ] = Path("../shared/data"),
    protocol: Annotated[
        str,
        typer.Option(
            help="rolling (rows before each prediction's own seed time) or frozen (before the split's cut-off)."
        ),
    ] = "rolling",
    task: Annotated[
        list[str] | None, typer.Option(help="driver-position, driver-dnf or driver-top3; repeat. Default: all.")
    ] = None,
    split: Annotated[list[str] | None, typer.Option(help="val or test; repeat. Default: both.")] = None,
    beside: Annotated[
        bool,
        typer.Option("--beside", help="Answer by last value, entity mean and plain LightGBM, too, for the scores."),
    ] = False,
    laps: Annotated[
        bool, typer.Option("--laps", help="Read lap times, too, which the benchmark's own database lacks.")
    ] = False,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes; 0: none beside this. Default: cores.")] = None,
) -> None:
    """Answer the tasks of rel-f1 from your own copy of the data: parquet, the benchmark's CSV, scores of validation."""
    from pitwall.workflows import relbench as workflow

    screen = console(None)
    what = workflow.asked(data, protocol, task, split, beside=beside, laps=laps)
    screen.print(f"{protocol}: {workflow.PROTOCOLS[protocol]}", soft_wrap=True)
    done = workflow.run(what, out, workers)
    if done.scores:
        screen.print(
            table(
                "Validation; intervals draw whole seed times again",
                ["task", "by", "metric", "value", "gain of ours"],
                _lines(done.scores),
            )
        )
    for file in done.files:
        screen.print(f"wrote {file}", soft_wrap=True)
    screen.print(f"{', '.join(what.tasks)} in {done.seconds:.0f} s, {done.cpu_seconds:.0f} s of the processor")


def _lines(scores: Sequence[Mapping[str, object]]) -> list[tuple[object, ...]]:
    return [(row["task"], row["name"], row["metric"], _interval(row), _interval(row.get("gain"))) for row in scores]


def _interval(row: object) -> str:
    if not isinstance(row, dict):
        return ""
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


COMMANDS = Commands(
    (Command("relbench", relbench, "--protocol rolling --out reports/relbench --data ../shared/data"),), order=14
)
