"""What a file of this folder adds to the command line, said by the file itself: `COMMANDS = Commands(...)`.

A new command is a new file; no list names it. The order of the help follows the way of the data: settings and data first, then
features, training, registry, forecasts, and what looks after all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import typer

LAST = 99


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        words: as typed after `pitwall`, e.g. `train` or `registry approve`; the group of the second exists.
        does: the function that Typer reads.
        example: the line below its help, without `pitwall` and the words.
    """

    words: str
    does: Callable[..., Any]
    example: str = ""

    def add(self, app: typer.Typer, groups: dict[str, typer.Typer]) -> None:
        """Attach the command to the command line, or to its group there."""
        group, _, name = self.words.rpartition(" ")
        line = f"Example: pitwall {self.words} {self.example}".rstrip()
        (groups[group] if group else app).command(name, epilog=line)(self.does)


@dataclass(frozen=True)
class Group:
    """A group of commands that one file holds, e.g. `pitwall data`, or `pitwall exp alert` within a group that stands before it."""

    words: str
    app: typer.Typer

    def add(self, app: typer.Typer, groups: dict[str, typer.Typer]) -> None:
        """Attach the group to the command line."""
        above, _, name = self.words.rpartition(" ")
        groups[self.words] = self.app
        (groups[above] if above else app).add_typer(self.app, name=name)


@dataclass(frozen=True)
class Commands:
    """What one file adds, and where it stands in the help (1 is the top)."""

    entries: tuple[Command | Group, ...]
    order: int = field(default=LAST)

    @property
    def name(self) -> str:
        """Return the words of all entries: no other file may have the same."""
        return ", ".join(entry.words for entry in self.entries)
