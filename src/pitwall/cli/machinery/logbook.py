"""What the commands of `pitwall exp` share: where the runs are, which are meant, how numbers and parameters are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._output import console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pitwall.domain.ports import RunRecord
    from pitwall.tracking.transfer.copying import Copied

DirOption = Annotated[
    Path | None,
    typer.Option("--dir", metavar="FOLDER", help="Runs in a folder of JSON files; the project's when left out."),
]
RunsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[EXPERIMENT | RUN...]", help="An experiment, or runs; all runs when left out."),
]
ExperimentArgument = Annotated[
    str | None, typer.Argument(metavar="[EXPERIMENT]", help="Its name or the beginning of it.")
]
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A run's id, its beginning or its name, or a version: MODEL/3, race_winner@champion."
    ),
]
ModeOption = Annotated[
    str | None, typer.Option(metavar="min|max", help="Whether less or more is better; the metric's name says it else.")
]
WhichOption = Annotated[str, typer.Option(metavar="last|best|min|max", help="Which value of each run counts.")]
StepOption = Annotated[int | None, typer.Option("--at-step", metavar="N", help="The value at this step counts.")]
WIDE = 28


def number(value: float | None) -> str:
    """Return a number as tables show it."""
    return "-" if value is None else f"{value:.5g}"


def parameter(text: str | None) -> str:
    """Return a parameter as tables show it: numbers with few digits, long texts cut; empty where a run has none."""
    if text is None:
        return ""
    try:
        return f"{float(text):.5g}" if "." in text or "e" in text else text
    except ValueError:
        return text if len(text) <= WIDE else f"{text[: WIDE - 4]} ..."


def heading(name: str) -> str:
    """Return a metric's name as the head of a column, in two lines where it has parts: names of runs need the room."""
    return name.replace(".", ".\n", 1)


def instant(text: str) -> str:
    """Return an instant to the minute, in UTC."""
    return text[:16].replace("T", " ")


def runs_table(title: str, records: Sequence[RunRecord], metrics: Sequence[str]) -> Any:
    """Return runs as a table, in their order, with some of their metrics."""
    from pitwall.tracking.comparison.table import duration
    from pitwall.tracking.experiments.run import short

    rows = [
        (
            short(record.run_id),
            record.name,
            record.status.lower(),
            instant(record.started),
            number(duration(record)),
            *(number(record.metrics.get(name)) for name in metrics),
        )
        for record in records
    ]
    numbers = ["s", *map(heading, metrics)]
    return table(title, ["run", "name", "status", "started", *numbers], rows, right=numbers)


def record_row(record: RunRecord) -> dict[str, Any]:
    """Return a run as JSON."""
    own = {key: getattr(record, key) for key in ("run_id", "name", "status", "experiment", "started", "ended")}
    held: dict[str, Mapping[str, Any]] = {"params": record.params, "metrics": record.metrics, "tags": record.tags}
    return {**own, **{key: dict(value) for key, value in held.items()}}


def tell_copied(copied: Copied, json_file: str | None) -> None:
    """Say what became of runs; exit with 1 where a copy is not equal or could not be made."""
    screen = console(json_file)
    screen.print(f"{len(copied.made)} runs copied and equal, {len(copied.known)} were there already")
    for line in _troubles(copied):
        screen.print(line, soft_wrap=True)
    write_json(
        {"made": copied.made, "known": copied.known, "differing": copied.differing, "refused": copied.refused},
        json_file,
    )
    if copied.differing or copied.refused:
        raise typer.Exit(1)


def _troubles(copied: Copied) -> Iterator[str]:
    for run_id, fields in copied.differing.items():
        yield f"! {run_id} is there and differs in {', '.join(fields)}; nothing of it was changed"
    for run_id, why in copied.refused.items():
        yield f"! {run_id}: {why}"
