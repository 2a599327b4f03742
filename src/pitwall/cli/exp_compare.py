"""`pitwall exp list`, `compare`, `best` and `top`: which runs there are, and which of them is best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli.machinery.logbook import (
    DirOption,
    ExperimentArgument,
    ModeOption,
    RunsArgument,
    StepOption,
    WhichOption,
    heading,
    number,
    parameter,
    record_row,
    runs_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pitwall.tracking.comparison.table import Compared, Comparison
    from pitwall.workflows.logbook.store import Logbook

FEW = 5  # ids of an experiment's runs, columns of parameters
ROOM = 40  # letters of names of parameters beside the numbers; names of runs need theirs

MetricsOption = Annotated[
    list[str] | None,
    typer.Option("--metric", help="May be repeated; the first one decides. Without it, those that judge the runs."),
]
AllParamsOption = Annotated[bool, typer.Option("--all-params", help="Also the parameters that all runs have alike.")]


def list_(
    experiment: ExperimentArgument = None,
    archived: Annotated[bool, typer.Option("--archived", help="Those that were archived.")] = False,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """List experiments with their runs; of one experiment, its runs, the newest first."""
    from pitwall.tracking.comparison.experiments import experiments
    from pitwall.tracking.comparison.main_metrics import main_metrics
    from pitwall.tracking.comparison.named import named
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        records = book.editor.archived() if archived else book.runs.all()
    what = "archived runs" if archived else "runs"
    screen = console(json_file)
    if experiment is None:
        found = experiments(records)
        rows = [(e.name, len(e.runs), e.completed, _ids([r.run_id for r in e.runs])) for e in found]
        columns = ["experiment", what, "completed", "the newest"]
        screen.print(table(f"{len(found)} experiments", columns, rows, right=columns[1:3]))
        write_json({"experiments": [each.row() for each in found]}, json_file)
        return
    name = named("experiment", experiment, records)
    own = [record for record in records if record.experiment == name]
    screen.print(runs_table(f"{len(own)} {what} of {name}", own, main_metrics(own)))
    write_json({"experiment": name, "runs": [record_row(record) for record in own]}, json_file)


def compare(
    targets: RunsArgument = None,
    *,
    metric: MetricsOption = None,
    mode: ModeOption = None,
    which: WhichOption = "last",
    step: StepOption = None,
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only so many of the best.")] = None,
    all_params: AllParamsOption = False,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Compare runs: the best one has a star, the others their distance to it, and parameters in which they differ."""
    from pitwall.tracking.comparison.reached import checked_which
    from pitwall.tracking.comparison.table import Question, compare
    from pitwall.workflows.logbook.store import opened

    question = Question(tuple(metric or ()), mode, checked_which(which), step, top)
    with opened(directory) as book:
        found = compare(book.runs, book.records(targets or ()), question)
    _show(found, json_file, all_params=all_params)


def best(
    metric: Annotated[str, typer.Argument(help="Its name or the beginning of it.")],
    experiment: ExperimentArgument = None,
    *,
    mode: ModeOption = None,
    which: WhichOption = "last",
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Say which run is best in a metric, with its parameters and final numbers."""
    from pitwall.tracking.comparison.words import best_run_lines
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        found = _of_experiment(book, metric, experiment, mode=mode, which=which)
    screen = console(json_file)
    screen.print("BEST RUN")
    for line in best_run_lines(found):
        screen.print(line, soft_wrap=True)
    write_json(found.best.row() if found.best else None, json_file)


def top(
    count: Annotated[int, typer.Argument(metavar="N", min=1, help="How many.")],
    metric: Annotated[str, typer.Argument(help="Its name or the beginning of it.")],
    experiment: ExperimentArgument = None,
    *,
    mode: ModeOption = None,
    which: WhichOption = "last",
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Show the best runs in a metric, with the parameters in which they differ."""
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        found = _of_experiment(book, metric, experiment, mode=mode, which=which, top=count)
    _show(found, json_file)


def _of_experiment(book: Logbook, metric: str, experiment: str | None, **how: Any) -> Comparison:
    from pitwall.tracking.comparison.reached import checked_which
    from pitwall.tracking.comparison.table import Question, compare

    records = book.experiment(experiment)
    return compare(book.runs, records, Question((metric,), **{**how, "which": checked_which(how["which"])}))


def _show(found: Comparison, json_file: str | None, *, all_params: bool = False) -> None:
    screen = console(json_file)
    names = sorted((*found.differing, *found.same)) if all_params else list(found.differing)
    beside = names if len(names) <= FEW and sum(map(len, names)) <= ROOM else []
    numbers = [*map(heading, found.metrics), "to the\nbest", "s", "MB"]
    several = ["experiment"] if len({each.record.experiment for each in found.rows}) > 1 else []
    rows = [
        (
            *_first(each),
            *(each.record.experiment for _ in several),
            *_numbers(each, found.metrics),
            *_parameters(each, beside),
        )
        for each in found.rows
    ]
    screen.print(table(_title(found), ["", "run", "name", *several, *numbers, *beside], rows, right=numbers))
    if names and not beside:
        screen.print(_parameter_table(found.rows[:FEW], names))
    if names and not beside and len(rows) > FEW:
        screen.print(
            f"parameters of the {len(rows) - FEW} runs below these: --json FILE, or pitwall exp export", soft_wrap=True
        )
    if found.same and not all_params:
        screen.print(f"{len(found.same)} parameters are alike in all of these runs; --all-params shows them")
    write_json(found.row(), json_file)


def _parameter_table(rows: Sequence[Compared], names: Sequence[str]) -> Any:
    """Return parameters line by line, a column for each run: too many of them for columns of their own."""
    from pitwall.tracking.experiments.run import short

    lines = [(name, *(parameter(each.record.params.get(name)) for each in rows)) for name in names]
    return table(f"{len(names)} parameters", ["", *(short(each.record.run_id) for each in rows)], lines)


def _title(found: Comparison) -> str:
    if not found.metric:
        return f"{len(found.rows)} runs; no metric says which way is better, name one with --metric"
    way = "less" if found.mode == "min" else "more"
    return f"{len(found.rows)} runs by {found.metric} ({found.value}; {way} is better)"


def _first(each: Compared) -> tuple[str, ...]:
    from pitwall.tracking.experiments.run import short

    return "*" if each.best else "", short(each.record.run_id), each.record.name


def _numbers(each: Compared, metrics: Sequence[str]) -> tuple[str, ...]:
    delta = "" if each.best or each.delta is None else f"{each.delta:+.4g}"
    values = [number(each.values[name]) for name in metrics]
    return (*values, delta, number(each.seconds), number(each.memory))


def _parameters(each: Compared, names: Sequence[str]) -> list[str]:
    return [parameter(each.record.params.get(name)) for name in names]


def _ids(run_ids: Sequence[str]) -> str:
    from pitwall.tracking.experiments.run import short

    return ", ".join(short(run_id) for run_id in run_ids[:FEW]) + (" ..." if len(run_ids) > FEW else "")


COMMANDS = Commands(
    (
        Command("exp list", list_, "pitwall-order"),
        Command("exp compare", compare, "pitwall-order --metric race_winner.log_loss --top 5"),
        Command("exp best", best, "race_winner.log_loss pitwall-order"),
        Command("exp top", top, "3 podium.brier pitwall-order"),
    ),
    order=12,
)
