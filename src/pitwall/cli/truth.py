"""`pitwall data truth`: the true chances of a synthetic world's races, counted once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, progress, table, write_json

if TYPE_CHECKING:
    import pandas as pd


def truth(
    seasons: Annotated[str | None, typer.Option(help="2015:2024, 2019 or 2015,2018. Default: all.")] = None,
    stage: Annotated[
        list[str] | None, typer.Option(help="pre_weekend, pre_qualifying or pre_race; repeat. Default: all.")
    ] = None,
    draws: Annotated[int, typer.Option(min=2, help="Courses of each race that are counted.")] = 2000,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes; 0: none beside this. Default: cores.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Count the true chances of the synthetic world's races into data/truth, with their standard errors.

    What is there already is kept. Pace, slopes of the tyres and hazards need no draws and are written beside them.
    """
    from pitwall.domain.errors import UsageError
    from pitwall.ml.backtest.asked import parse_seasons
    from pitwall.ml.backtest.engine import shared_workers
    from pitwall.ml.evaluation.synthetic_truth import true_places, truth_of, write_cheap
    from pitwall.sources.synthetic_world import STAGES
    from pitwall.workflows.workspace import Workspace

    workspace = Workspace()
    project, params = workspace.project, workspace.params
    known = truth_of(project, params, draws)
    if known is None:
        raise UsageError(
            f"nobody knows the true chances of {', '.join(sorted(params.sources))}; only the source synthetic has them "
            "(`pitwall data use synthetic`)."
        )
    years = set(parse_seasons(seasons)) if seasons else None
    races = [race for race in known.races if years is None or race // 100 in years]
    if not races:
        first, last = known.races[0] // 100, known.races[-1] // 100
        raise UsageError(f"this world has no race in {seasons}; its seasons are {first} to {last}.")
    rows = []
    with shared_workers(workers) as opened:
        for each in dict.fromkeys(stage or STAGES):
            with progress(f"true chances, {each}") as tell:
                rows.append(_row(each, true_places(known, each, races, pool=opened.pool, on_progress=tell)))
    files = [path.relative_to(project.root).as_posix() for path in write_cheap(known)]
    folder = known.folder.relative_to(project.root).as_posix()
    screen = console(json_file)
    heads = ["stage", "races", "cars", "draws", "P(win) of the favourite", "largest standard error"]
    lines = [
        (row["stage"], row["races"], row["cars"], draws, f"{row['favourite']:.3f}", f"{row['error']:.4f}")
        for row in rows
    ]
    screen.print(table(f"True chances in {folder}", heads, lines, right=heads[1:]))
    screen.print(f"without draws: {', '.join(files)}")
    write_json({"folder": folder, "draws": draws, "stages": rows, "files": files}, json_file)


def _row(stage: str, places: pd.DataFrame) -> dict[str, Any]:
    """Return what one stage's truth holds."""
    return {
        "stage": stage,
        "races": int(places["race_id"].nunique()),
        "cars": len(places),
        "favourite": float(places.groupby("race_id")["win"].max().mean()),
        "error": float(places[["win_error", "podium_error"]].to_numpy().max()),
    }


COMMANDS = Commands((Command("data truth", truth, "--stage pre_race --draws 2000"),), order=2)
