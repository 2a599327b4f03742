"""`pitwall backtest`: how good the forecasts would have been, season by season, beside every baseline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, progress, table, write_json
from pitwall.report.content.intervals import interval, percent, short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from pitwall.ml.backtest.engine import Progress
    from pitwall.ml.backtest.plan import Plan
    from pitwall.ml.evaluation.scoring import Row

STEPS = 10  # lines of progress where there is no terminal to draw a bar on


def backtest(  # noqa: PLR0917  (Typer reads the options from the signature)
    template: Annotated[
        list[str] | None, typer.Option(help="A question; repeat for several of one model. Default: all of the order.")
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(help="When it is asked; repeat. Default: all that params.yaml trains its model at."),
    ] = None,
    seasons: Annotated[
        str | None,
        typer.Option(
            help="2015:2024, 2019 or 2015,2018; of a season under way the races with results. Default: the held-out ones."
        ),
    ] = None,
    estimator: Annotated[
        list[str] | None, typer.Option(help="Only these beside ours and the baseline to beat; repeat. Default: all.")
    ] = None,
    folds: Annotated[
        str | None, typer.Option(help="expanding (all seasons before) or rolling. Default: as params.yaml says.")
    ] = None,
    window: Annotated[int | None, typer.Option(help="Of rolling folds: how many seasons are learned from.")] = None,
    embargo: Annotated[int, typer.Option(help="Races left out between what is learned from and what is scored.")] = 0,
    floor: Annotated[
        list[str] | None, typer.Option(help="[STAGE/]TEMPLATE.METRIC=VALUE: exit 1 if ours is worse; repeat.")
    ] = None,
    market: Annotated[
        Path | None,
        typer.Option(help="Decimal odds as CSV (season,round,driver,odds,as_of): a reference row, never a feature."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes; 0: none beside this. Default: cores.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one self-contained page.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write a summary as PNG.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write ours and the baselines as a Markdown table.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Fit every estimator on the seasons before each season, predict it, and score against all baselines."""
    from pitwall.ml.backtest.asked import parse_seasons
    from pitwall.ml.backtest.market import set_aside_note
    from pitwall.ml.backtest.result import check_floors, parse_floor
    from pitwall.ml.training.folds import asked_folds
    from pitwall.workflows import backtest as workflow
    from pitwall.workflows.workspace import Workspace

    started = time.perf_counter()
    floors = [parse_floor(text) for text in floor or []]
    years, forward = parse_seasons(seasons) if seasons else None, asked_folds(folds, window, embargo)
    screen = console(json_file)
    watch = workflow.Watch(_progress, lambda plan: progress(f"{plan.stage}: true chances"))
    with Workspace() as workspace:
        chosen = stage or workflow.stages(workspace, template or ())
        odds = workflow.market_of(workspace, market) if market else None
        plans = workflow.plans(workspace, chosen, years, template or (), estimator, folds=forward)
        spent = time.perf_counter() - started
        done = workflow.run(workspace, plans, workers=workers, watch=watch, spent=spent, market=odds)
    scored, result = done.scored, done.result
    for damaged in done.damaged:
        _say_damaged(screen, damaged)
    for plan in plans:
        _show(screen, plan, result["rows"], result["paired"], result["regret"])
    for note in [*(note for each in scored for note in each.notes), *(set_aside_note(odds) if odds else [])]:
        screen.print(f"note: {note}")
    write_json(result, json_file)
    if html is not None:
        from pitwall.ml.backtest.rendering.page import write_page

        screen.print(f"report: {write_page(scored, result, html)}")
    if picture is not None:
        from pitwall.ml.backtest.rendering.figures import write_summary

        screen.print(f"picture: {write_summary(scored, picture)}")
    if markdown is not None:
        from pitwall.ml.backtest.rendering.markdown import summary_table

        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text(summary_table(result["rows"]), encoding="utf-8")
        screen.print(f"table: {markdown}")
    check_floors(floors, result["rows"])


@contextmanager
def _progress(plan: Plan) -> Iterator[Callable[[Progress], None]]:
    """Yield what to call after each fit: a bar on a terminal, some lines elsewhere; always on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    screen = Console(stderr=True, highlight=False)
    if not screen.is_terminal:
        yield lambda now: _line(screen, plan.stage, now)
        return
    left = TextColumn("{task.fields[left]}")
    with Bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), left, console=screen) as bar:
        row = bar.add_task(plan.stage, total=len(plan.folds()), left="")
        yield lambda now: bar.update(row, completed=now.done, left=f"{_left(now)} {now.label}")


def _line(screen: Console, stage: str, now: Progress) -> None:
    if now.done == now.total or now.done * STEPS // now.total > (now.done - 1) * STEPS // now.total:
        screen.print(f"{stage}: {now.done} of {now.total} fits, {now.cached} from the cache {_left(now)}")


def _left(now: Progress) -> str:
    if now.seconds_left is None or now.done == now.total:
        return ""
    return f"{now.seconds_left // 60:.0f} min {now.seconds_left % 60:02.0f} s left"


def _say_damaged(screen: Console, damaged: Sequence[str]) -> None:
    if damaged:
        screen.print(f"{len(damaged)} cache entries were damaged and computed again: {', '.join(damaged)}")


def _show(screen: Console, plan: Plan, rows: Sequence[Row], paired: Sequence[Row], regret: Sequence[Row]) -> None:
    """Print the pooled values of every model by question, ours first, and its gain over each other."""
    family = plan.job.definition.answers
    losses = {each.name: each.loss for each in plan.templates}
    for question in dict.fromkeys([*losses, *([plan.job.model] if family.whole else [])]):
        own = [row for row in rows if (row["template"], row["stage"], row["season"]) == (question, plan.stage, "all")]
        error = family.calibration.error  # left out for want of width
        metrics = [name for name in dict.fromkeys(row["metric"] for row in own) if name != error]
        loss = losses.get(question, metrics[0])
        models = sorted({(_rank(row["role"]), row["model"], row["role"]) for row in own})
        cells = {(row["model"], row["metric"]): row for row in own}
        gains = {
            row["against"]: row
            for row in paired
            if (row["template"], row["stage"], row["metric"]) == (question, plan.stage, loss)
        }
        lines = [
            (
                f"{name} ({role})",
                *(interval(cells.get((name, metric)), short, until="-") for metric in metrics),
                interval(gains.get(name), short),
            )
            for _, name, role in models
        ]
        title = f"{question} at {plan.stage}, {plan.span}, {own[0]['n']} races; gain: what ours is better by in {loss}"
        screen.print(table(title, ["model", *metrics, "gain"], lines, right=[*metrics, "gain"]))
        _show_regret(screen, [row for row in regret if (row["template"], row["stage"]) == (question, plan.stage)])
    for note in plan.notes:
        screen.print(f"note: {note}")
    for name, why in plan.skipped.items():
        screen.print(f"note: {name} takes no part: {why}")


def _show_regret(screen: Console, rows: Sequence[Row]) -> None:
    """Print what each model loses beyond the truth, and how much of the baseline's gap it closes."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: (_rank(row["role"]), row["model"]))
    lines = [
        (
            f"{row['model']} ({row['role']})",
            short(row["expected"]),
            interval(row, short),
            interval(row, percent, name="closed"),
        )
        for row in ordered
    ]
    first = next((row for row in rows if "against" in row), rows[0])
    heads = ["model", f"expected {first['metric']}", "regret", f"gap of {first.get('against', 'itself')} closed"]
    title = f"{first['template']} at {first['stage']} under the true chances; regret: what the truth would save"
    screen.print(table(title, heads, lines, right=heads[1:]))


def _rank(role: str) -> int:
    return ("ours", "truth", "market", "contender", "baseline").index(role)


COMMANDS = Commands(
    (Command("backtest", backtest, "--template race_winner --seasons 2015:2024 --html backtest.html"),), order=14
)
