"""`pitwall predict`: the champions' answers for a range of races, as a table in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, NowOption, console, progress, write_json

MOST = 5  # kinds of labels that are shown


def predict(
    *,
    races: Annotated[
        str, typer.Option(metavar="FIRST:LAST", help="SEASON-ROUND of both, e.g. 2024-01:2024-24; or one.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the table: .parquet or .csv.")],
    template: Annotated[
        list[str] | None, typer.Option(help="A question; repeat for several. Default: all of the order model.")
    ] = None,
    stage: Annotated[str, typer.Option(help="As of when; default: the first that params.yaml trains.")] = "",
    now: NowOption = None,
    json_file: JsonOption = None,
) -> None:
    """Write the champions' answers for many races into one table; nothing is stored or entered into the track record."""
    from pitwall.domain.clock import replaying
    from pitwall.domain.refs import file_sha256
    from pitwall.workflows.batch.predict import check_name, predict_races, write_table
    from pitwall.workflows.workspace import Workspace

    check_name(out)
    with replaying(now), Workspace() as workspace, progress("predict") as show:
        table = predict_races(workspace, races, template or [], stage, progress=show)
    write_table(table, out)
    screen, models = console(json_file), sorted({f"{row.model}@{row.version}" for row in table.itertuples()})
    screen.print(
        f"{len(table):,} rows of {table['race'].nunique()} races by {', '.join(models)}: {out}", soft_wrap=True
    )
    told = table.groupby("labels")["race"].nunique().sort_values(ascending=False)
    for labels, count in told.head(MOST).items():
        screen.print(f"  {count} races: {labels or 'no labels'}", soft_wrap=True)
    if len(told) > MOST:
        screen.print(f"  {len(told) - MOST} more: the column labels has them")
    screen.print(
        "not in the track record: a forecast before a session is entered by `pitwall forecast`", soft_wrap=True
    )
    facts = {"file": str(out), "sha256": file_sha256(out), "rows": len(table), "races": int(table["race"].nunique())}
    write_json({**facts, "templates": sorted(set(table["template"])), "models": models, "recorded": False}, json_file)


COMMANDS = Commands((Command("predict", predict, "--races 2024-01:2024-24 --out answers.parquet"),), order=13)
