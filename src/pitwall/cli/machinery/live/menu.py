"""The menu of races: a season, then a race of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pitwall.cli._output import table

if TYPE_CHECKING:
    from rich.console import Console

Race = tuple[str, str]  # label, name


def choose(races: Sequence[Race], screen: Console) -> str:
    """Let a person choose a race and return its label.

    Args:
        races: that can be replayed, the newest first; at least one.
        screen: of the terminal.
    """
    from rich.prompt import Prompt

    seasons = list(dict.fromkeys(label.partition("-")[0] for label, _ in races))
    season = seasons[0]
    if len(seasons) > 1:
        screen.print(f"seasons: {', '.join(seasons)}", soft_wrap=True)
        season = Prompt.ask("season", console=screen, choices=seasons, default=seasons[0], show_choices=False)
    own = {
        label.partition("-")[2].lstrip("0"): (label, name) for label, name in races if label.startswith(f"{season}-")
    }
    own = dict(sorted(own.items(), key=lambda each: int(each[0])))
    screen.print(
        table(season, ["round", "race"], [(number, name) for number, (_, name) in own.items()], right=["round"])
    )
    round_ = Prompt.ask("round", console=screen, choices=list(own), default=list(own)[-1], show_choices=False)
    return own[round_][0]
