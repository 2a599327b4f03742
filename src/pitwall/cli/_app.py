"""Put the command line together from the files of this folder. Only Typer is imported here: `pitwall --help` answers at once."""

from __future__ import annotations

import typer

from pitwall import cli
from pitwall.cli._commands import Commands, Group
from pitwall.domain.plugins import discover


def build() -> typer.Typer:
    """Return the command line of all files; groups first, since commands of other files join them."""
    app = typer.Typer(
        name="pitwall",
        help="Formula 1 forecasts with their baselines, intervals and provenance.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help: Rich's needs 0.3 s of imports
        epilog="Example: pitwall run race-weekend",
    )
    found: list[Commands] = sorted(discover(cli, "COMMANDS").values(), key=lambda each: (each.order, each.name))
    groups: dict[str, typer.Typer] = {}
    entries = [entry for each in found for entry in each.entries]
    for entry in sorted(entries, key=lambda each: not isinstance(each, Group)):
        entry.add(app, groups)
    return app


app = build()
