"""`pitwall hub export`, `fork`, `rate`, `top` and `withdraw`: what people make of shared models, and think of them (docs/hub.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json
from pitwall.cli.machinery.bundles import BundleArgument, market, said, standing_row


def rate(
    bundle: BundleArgument,
    stars: Annotated[int, typer.Argument(metavar="STARS", help="From 1 to 5; a second time replaces the first.")],
    json_file: JsonOption = None,
) -> None:
    """Say what you think of a bundle; nobody rates their own."""
    from pitwall.workflows.hub.market import rate as run
    from pitwall.workflows.hub.shelf import find
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        now = run(workspace, find(workspace.project, bundle), stars)
    console(json_file).print(f"{now.bundle.about.name}: {now.rating:.2f} from {now.ratings} ratings")
    write_json(standing_row(now), json_file)


def fork(
    bundle: BundleArgument,
    write: Annotated[Path | None, typer.Option("--write", metavar="FILE", help="Write the order to a file.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Make a new order from a bundle's: the same question, rows, features and algorithm, to be trained on the data here."""
    from pitwall.workflows.hub.forking import fork as run
    from pitwall.workflows.hub.shelf import find
    from pitwall.workflows.orders.order import written
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = run(find(workspace.project, bundle))
    screen = console(json_file)
    for each in made.left:
        screen.print(f"not taken over: {each}", soft_wrap=True)
    if write is None:
        screen.print(written(made.order), end="", soft_wrap=True)
    else:
        write.write_text(written(made.order), encoding="utf-8")
        screen.print(f"written to {write}; train it with: pitwall order train {write}", soft_wrap=True)
    write_json({"order": made.order.content(), "not_taken_over": list(made.left)}, json_file)


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new one, or an earlier export's.")],
) -> None:
    """Write the shared models as pages without a script: an index, a page for each model, and the bundles."""
    from pitwall.workflows.hub.exporting import export as run
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = run(workspace, folder)
    console(None).print(f"{made[0]}: {len(made) - 1} models", soft_wrap=True)


def withdraw(bundle: BundleArgument) -> None:
    """Share a bundle no more: its file, what was unpacked of it here, and what people think of it go; what was forked stays."""
    from pitwall.workflows.hub.shelf import find
    from pitwall.workflows.hub.withdrawing import withdraw as run
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = find(workspace.project, bundle)
        run(workspace, found)
    console(None).print(f"gone: {said(found)}", soft_wrap=True)


def top(
    most: Annotated[int, typer.Option("--most", min=1, metavar="N", help="How many at most.")] = 10,
    json_file: JsonOption = None,
) -> None:
    """Show the top models of this week: the most downloaded ones of the last seven days, ties by rating."""
    from pitwall.workflows.hub.market import top as run
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = run(workspace, most)
    console(json_file).print(market("top models of this week", found))
    write_json([standing_row(each) for each in found], json_file)


COMMANDS = Commands(
    (
        Command("hub export", export, "pages"),
        Command("hub fork", fork, "grid-reader --write order.yaml"),
        Command("hub rate", rate, "grid-reader 4"),
        Command("hub top", top, "--most 5"),
        Command("hub withdraw", withdraw, "grid-reader@1"),
    ),
    order=15,
)
