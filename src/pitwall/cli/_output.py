"""Where a command's words and numbers go: tables for people, `--json FILE` for programs.

With `--json -` the JSON has standard output for itself and everything for people goes to standard error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Also write the result as JSON; - is standard output.")
]


def console(json_target: str | None) -> Console:
    """Return the console for people."""
    from rich.console import Console

    return Console(stderr=json_target == "-", highlight=False)


def write_json(payload: Any, target: str | None) -> None:
    """Write a result to the file of `--json`, if one was asked for."""
    if target is None:
        return
    text = json.dumps(payload, indent=2, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> Any:
    """Return a plain table; `right` names the columns of numbers."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", no_wrap=column in right)
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    return made


def verdict_table(model: str, verdicts: Sequence[Mapping[str, Any]]) -> Any:
    """Return the gates' verdicts on a model as a table."""
    return table(
        f"Gates for {model}",
        ["gate", "template", "verdict", "measured", "limit", "could see", "unit", "reason"],
        [
            (
                v["gate"],
                v["template"] or "",
                "passed" if v["passed"] else "FAILED",
                number(v["measured"]),
                number(v["limit"]),
                number(v["detectable"]),
                v["unit"],
                v["reason"],
            )
            for v in verdicts
        ],
        right=["measured", "limit", "could see"],
    )


def number(value: float | None) -> str:
    """Return a number with three significant digits, or nothing."""
    return "" if value is None else f"{value:.3g}"
