"""`pitwall order`: train what a file or some options ask for, deploy it, and see the jobs that pages have started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import (
    ApprovalNote,
    ApproveOption,
    JsonOption,
    VerboseOption,
    console,
    show_verdicts,
    table,
    write_json,
)

if TYPE_CHECKING:
    from pitwall.workflows.jobs.job import Job
    from pitwall.workflows.orders.order import TrainingOrder

app = typer.Typer(help="Train what somebody asks for, and deploy it.", no_args_is_help=True, rich_markup_mode=None)
LISTED = "Names with commas between them; all when left out."


@app.command("train", epilog="Example: pitwall order train --question dnf --algorithm logistic")
def train(  # noqa: PLR0917  (options of a command line)
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="An order; options change its lines.")] = None,
    question: Annotated[str | None, typer.Option(help="A template, or a column such as results.points.")] = None,
    task: Annotated[str | None, typer.Option(help="Of a column: classification or regression.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Of a column: the rule that must be beaten.")] = None,
    rows: Annotated[str | None, typer.Option(help="Of a column: what a row is about.")] = None,
    stage: Annotated[str | None, typer.Option(help="When it forecasts; the question's first when left out.")] = None,
    seasons: Annotated[str | None, typer.Option(help="2015:2024, or years with commas between them.")] = None,
    circuits: Annotated[str | None, typer.Option(help=LISTED)] = None,
    conditions: Annotated[str | None, typer.Option(help="Of the races, e.g. 'not wet,street'.")] = None,
    groups: Annotated[str | None, typer.Option(help="Of features; the question's own when left out.")] = None,
    features: Annotated[str | None, typer.Option(help=LISTED)] = None,
    algorithm: Annotated[str | None, typer.Option(help="Of the question's family.")] = None,
    auto_tune: Annotated[str | None, typer.Option(help="true, false, or a number of trials.")] = None,
    folds: Annotated[int | None, typer.Option(help="How many of the newest seasons are judged.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of every random choice.")] = None,
    device: Annotated[str | None, typer.Option(help="Where it learns: cpu or cuda.")] = None,
    name: Annotated[str | None, typer.Option(help="Of the model once it is deployed.")] = None,
    forked_from: Annotated[str | None, typer.Option(help="The bundle whose order it was.", hidden=True)] = None,
    write: Annotated[Path | None, typer.Option(help="Write the order to a file; nothing is trained.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what it will meet; nothing is trained.")] = False,
    verbose: VerboseOption = False,
    json_file: JsonOption = None,
) -> None:
    """Train a draft, audit it, and hold it against its baselines; the same order is the same model, bit for bit."""
    from pitwall.cli.machinery.orders import show_preview, train_order
    from pitwall.workflows.orders.order import written

    lists = {"seasons": seasons, "circuits": circuits, "groups": groups, "features": features}
    said = {"question": question, "task": task, "baseline": baseline, "rows": rows, "stage": stage, "name": name}
    said["forked_from"] = forked_from
    numbers = {"algorithm": algorithm, "auto_tune": auto_tune, "folds": folds, "seed": seed, "device": device}
    order = _order(file, {**said, **_split(lists), **numbers}, conditions)
    if write is not None:
        write.write_text(written(order), encoding="utf-8")
        console(json_file).print(f"written to {write}; train it with: pitwall order train {write}", soft_wrap=True)
    elif preview:
        show_preview(order, json_file)
    else:
        train_order(order, verbose=verbose, json_file=json_file)


@app.command("deploy", epilog="Example: pitwall order deploy dnf_0123abcd-pre_race my_dnf")
def deploy(
    draft: Annotated[str, typer.Argument(metavar="DRAFT", help="As `pitwall order train` has named it.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the model from now on.")],
    approve: ApproveOption = None,
    note: ApprovalNote = "",
    json_file: JsonOption = None,
) -> None:
    """Register a draft under a name and let every gate judge it; exit code 3 if one refuses."""
    from pitwall.cli._flow import run_flow
    from pitwall.domain.project import find_project

    options = [part for who in approve or () for part in ("--approve", who)] + (["--note", note] if note else [])
    result = run_flow(find_project(), "deploy", "--draft", draft, "--name", name, *options)
    screen = console(json_file)
    show_verdicts(screen, result["model"], result["verdicts"])
    screen.print(result["outcome"], soft_wrap=True)
    write_json(result, json_file)
    if not result["promoted"]:
        raise typer.Exit(3)


@app.command("jobs", epilog="Example: pitwall order jobs")
def jobs(json_file: JsonOption = None) -> None:
    """List the orders that pages have started, the newest first, each in its true state."""
    from pitwall.workflows.jobs.starting import jobs as found
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        there = found(workspace)
    rows = [
        (each.note.at, each.note.what, each.note.owner, each.state, each.why, f"{each.seconds:.0f} s", each.id)
        for each in there
    ]
    console(json_file).print(table("jobs", ["started", "what", "whose", "state", "", "took", "id"], rows))
    write_json([_row(each) for each in there], json_file)


@app.command("cancel", epilog="Example: pitwall order cancel 0123abcd-0123-0123-0123-0123456789ab")
def cancel(number: Annotated[str, typer.Argument(metavar="ID", help="As `pitwall order jobs` lists it.")]) -> None:
    """End a job: one that waits does not begin, one at work is told to end."""
    from pitwall.workflows.jobs.starting import cancel as end
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = end(workspace, number)
    console(None).print(f"{found.note.what}: {found.state}")


def _order(file: Path | None, options: dict[str, Any], conditions: str | None) -> TrainingOrder:
    """Return the order of a file, lines of it changed by options."""
    from pitwall.domain.errors import UsageError
    from pitwall.workflows.orders.checking import checked
    from pitwall.workflows.orders.order import conditions_of, order_of, read

    if file is not None and not file.is_file():
        raise UsageError(
            f"there is no order at {file}; `pitwall order train --question NAME --write {file}` writes one."
        )
    lines = read(file.read_text(encoding="utf-8")).content() if file is not None else {}
    lines |= {name: value for name, value in options.items() if value is not None}
    if conditions is not None:
        lines["conditions"] = conditions_of(conditions)
    if "question" not in lines:
        raise UsageError("an order asks something: name a file, or `--question`, e.g. `--question dnf`.")
    return checked(order_of(lines))


def _split(lists: dict[str, str | None]) -> dict[str, Any]:
    """Read lists with commas; 2015:2024 stays as it is written."""
    return {
        name: text if text is None or ":" in text or text == "all" else [word.strip() for word in text.split(",")]
        for name, text in lists.items()
    }


def _row(job: Job) -> dict[str, Any]:
    told = {"id": job.id, "what": job.note.what, "at": job.note.at, "state": job.state, "why": job.why}
    return {**told, "owner": job.note.owner, "seconds": job.seconds, "result": dict(job.result)}


COMMANDS = Commands((Group("order", app),), order=6)
