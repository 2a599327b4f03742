"""`pitwall hub`: models that travel between people as signed bundles (docs/hub.md)."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli.machinery.bundles import SHORT, BundleArgument, cell, market, row, said, standing_row

app = typer.Typer(
    help="Models that travel between people as signed bundles.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("key", epilog="Example: pitwall hub key")
def key(json_file: JsonOption = None) -> None:
    """Show the key that signs what is published here, and where its public half lies; it is made when it is missing."""
    from pitwall.domain.access.permissions import AT_THIS_MACHINE
    from pitwall.workflows.hub.trust import own_key
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made, public = own_key(workspace.project, AT_THIS_MACHINE.name)
    screen = console(json_file)
    screen.print(made)
    screen.print(f"give {public} to those who are to trust it, and tell them the id in another way", soft_wrap=True)
    write_json({"key": made, "public": str(public)}, json_file)


@app.command("trust", epilog="Example: pitwall hub trust ada.pem")
def trust(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A public key; without one, list them.")] = None,
    remove: Annotated[str, typer.Option(metavar="ID", help="Trust this key no more.")] = "",
    json_file: JsonOption = None,
) -> None:
    """Trust whoever has the private half of a key, or list the keys that are trusted."""
    from pitwall.workflows.hub import trust as keys
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with Workspace() as workspace:
        if file is not None:
            screen.print(f"trusted: {keys.trust(workspace.project, file)}")
        if remove:
            keys.distrust(workspace.project, remove)
        found = keys.trusted(workspace.project)
    screen.print("\n".join(found) or "no key is trusted but your own")
    write_json(found, json_file)


@app.command("publish", epilog="Example: pitwall hub publish race_winner@champion --to shared --as grid-reader")
def publish(
    reference: Annotated[str, typer.Argument(metavar="NAME@WHICH", help="A version: a number or an alias.")],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where others take it from.")] = Path("shared"),
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Default: the registered name.")] = "",
    json_file: JsonOption = None,
) -> None:
    """Write the signed bundle of a version into a folder."""
    from pitwall.workflows.hub.publishing import publish as run
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = run(workspace, reference, to, name)
    console(json_file).print(f"{made}: {made.stat().st_size / 1e6:.1f} MB", soft_wrap=True)
    write_json({"bundle": str(made), "bytes": made.stat().st_size}, json_file)


@app.command("download", epilog="Example: pitwall hub download shared/grid-reader-1.pitwall.zip")
def download(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle.")],
    trust: Annotated[str, typer.Option("--trust", metavar="ID", help="Trust this key from now on, if it signed.")] = "",
    json_file: JsonOption = None,
) -> None:
    """Verify a bundle in quarantine and take it, or say by name why not."""
    from pitwall.workflows.hub.market import download as run
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        taken = run(workspace, file, trust)
    console(json_file).print(f"verified: {said(taken)}, signed by {taken.about.key}", soft_wrap=True)
    write_json(row(taken), json_file)


@app.command("list", epilog="Example: pitwall hub list --json -")
def list_bundles(json_file: JsonOption = None) -> None:
    """List the bundles that were verified here, the top ones of this week first, and those that were refused."""
    from pitwall.workflows.hub.market import standings
    from pitwall.workflows.hub.receiving import refused
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found, not_taken = standings(workspace), refused(workspace.project)
    screen = console(json_file)
    screen.print(market(f"verified: {len(found)}", found))
    if not_taken:
        lines = [(each["bundle"][:SHORT], each["from"], each["reason"], each["detail"][:60]) for each in not_taken]
        screen.print(table(f"refused: {len(not_taken)}", ["bundle", "file", "reason", "found"], lines))
    write_json({"verified": [standing_row(each) for each in found], "refused": not_taken}, json_file)


@app.command("show", epilog="Example: pitwall hub show grid-reader")
def show(bundle: BundleArgument, json_file: JsonOption = None) -> None:
    """Show the card of a bundle, its scores, and what it says of a few rows."""
    from pitwall.workflows.hub.market import origin, standing
    from pitwall.workflows.hub.shelf import find, preview
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = find(workspace.project, bundle)
        seen, now, first = preview(found), standing(workspace, found), origin(workspace, found)
    screen = console(json_file)
    screen.print(f"{said(found)}, signed by {found.about.key}", soft_wrap=True)
    screen.print(f"{now.rating:.2f} from {now.ratings} ratings, {now.downloads} downloads", soft_wrap=True)
    if first:
        screen.print(f"forked from {first}", soft_wrap=True)
    screen.print(f"trained again here: {now.badge.text if now.badge else 'not yet'}\n\n{seen.card}", soft_wrap=True)
    columns = ["template", "metric", "value", "low", "high", "baseline", "gain_value", "gain_low", "gain_high"]
    rows = [[cell(score.get(each)) for each in columns] for score in found.about.scores]
    screen.print(table("scores", columns, rows, right=columns[2:5]))
    screen.print(f"sample: {len(seen.sample.get('rows', []))} rows; --json - shows them", soft_wrap=True)
    write_json({**standing_row(now), "card": seen.card, "sample": dict(seen.sample)}, json_file)


@app.command("verify", epilog="Example: pitwall hub verify grid-reader")
def verify(
    bundle: BundleArgument,
    reproduce: Annotated[bool, typer.Option(help="Train its model again here, and compare byte for byte.")] = True,
    json_file: JsonOption = None,
) -> None:
    """Verify a bundle once more from its zip, then train its model again where the data are; exit code 1 if another one comes out."""
    from pitwall.workflows.hub.shelf import find
    from pitwall.workflows.hub.verifying.verify import verify as run
    from pitwall.workflows.workspace import Workspace

    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    with Workspace() as workspace:
        found = run(workspace, find(workspace.project, bundle), reproduce=reproduce)
    screen = console(json_file)
    screen.print(f"verified: {said(found.bundle)}, signed by {found.bundle.about.key}", soft_wrap=True)
    if found.badge is not None:
        screen.print(found.badge.text, soft_wrap=True)
    badge = asdict(found.badge) if found.badge else None
    write_json(row(found.bundle) | {"badge": badge}, json_file)
    if found.badge is not None and found.badge.outcome == "different":
        raise typer.Exit(1)


COMMANDS = Commands((Group("hub", app),), order=15)
