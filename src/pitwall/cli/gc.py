"""`pitwall gc` and `pitwall exp clean`: throw away what nothing leads to any more, after saying what; runs alone, or snapshots, logs and caches too."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.console import Console

    from pitwall.tracking.garbage.plan import Kind, Plan, Rule

MEGABYTE = 1e6


KeepOption = Annotated[int, typer.Option(min=0, help="So many of the newest runs and snapshots of each kind stay.")]
AgeOption = Annotated[float, typer.Option(metavar="DAYS", min=0, help="Only what is older goes.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would go, and why the rest stays.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before throwing away.")]


def gc(
    keep: KeepOption = 10,
    older_than: AgeOption = 30.0,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json_file: JsonOption = None,
) -> None:
    """Throw away what no alias, card, row of the history or table leads to; it is shown first, and you are asked."""
    from pitwall.tracking.garbage.plan import KINDS, Rule

    _throw_away(Rule(keep, older_than), KINDS, dry_run=dry_run, yes=yes, json_file=json_file)


def clean(
    keep: KeepOption = 10,
    older_than: AgeOption = 30.0,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json_file: JsonOption = None,
) -> None:
    """Throw away runs as `gc` does, and nothing else; they are shown first, and you are asked."""
    from pitwall.tracking.garbage.plan import Rule

    only: tuple[Kind, ...] = ("run",)
    _throw_away(Rule(keep, older_than), only, dry_run=dry_run, yes=yes, json_file=json_file)


def _throw_away(rule: Rule, kinds: Collection[Kind], *, dry_run: bool, yes: bool, json_file: str | None) -> None:
    from pitwall.workflows.upkeep import throw_away
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)

    def agreed(made: Plan) -> bool:
        _show(screen, made)
        return bool(made.goes) and not dry_run and (yes or _asked(screen))

    with Workspace() as workspace:
        made, swept = throw_away(workspace, rule, agreed, kinds)
    if made.goes:
        screen.print("thrown away" if swept else "nothing was thrown away; --yes does it")
    goes = [{"kind": each.kind, "name": each.name, "bytes": each.size, "note": each.note} for each in made.goes]
    write_json({"swept": swept, "goes": goes, "stays": dict(made.stays)}, json_file)


def _show(screen: Console, made: Plan) -> None:
    rows = [
        (each.kind, each.name, f"{each.at:%Y-%m-%d}", f"{each.size / MEGABYTE:.1f}", each.note) for each in made.goes
    ]
    if rows:
        screen.print(table("Goes", ["kind", "name", "of", "MB", "what"], rows, right=["MB"]))
    else:
        screen.print("nothing to throw away")
    screen.print(
        table("Stays", ["things", "because"], [(n, why) for why, n in Counter(made.stays.values()).most_common()])
    )


def _asked(screen: Console) -> bool:
    return sys.stdin.isatty() and typer.confirm("throw these away?", err=screen.stderr)


COMMANDS = Commands(
    (
        Command("gc", gc, "--keep 10 --older-than 30 --dry-run"),
        Command("exp clean", clean, "--keep 20 --older-than 90 --dry-run"),
    ),
    order=15,
)
