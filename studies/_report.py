"""What the studies share at both ends: the options that all have, and where their tables, rows and pictures go.

A study prints its tables as Markdown. `--json` writes the rows with commit and seed, `--docs` puts the tables into a page between the
marks `<!-- table: NAME -->` and `<!-- end of table -->`, so that a page never shows figures that no command made.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pitwall.report.content.markdown import table_lines
from pitwall.testing.pages import MARKS, put_table

Row = Mapping[str, Any]


def options(doc: str | None, small: str, seed: int = 1) -> argparse.ArgumentParser:
    """Return a parser with the five options of every study.

    Args:
        doc: the study's docstring.
        small: what the small form does.
        seed: the default one.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--small", action="store_true", help=small)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows with commit and seed")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the result as PNG")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="put the tables between their marks in a page")
    return parser


def markdown(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table; numbers as they are, so round them before."""
    names = list(rows[0])
    return "\n".join(table_lines(names, ([_text(row[name]) for name in names] for row in rows))) + "\n"


def report(name: str, text: str, content: Mapping[str, Any], chosen: argparse.Namespace) -> None:
    """Print a study's text (its tables) and write what was asked for.

    Args:
        name: of the study, as in the marks of a page.
        text: tables and sentences, Markdown.
        content: what the JSON holds beside commit and seed.
        chosen: the parsed options.
    """
    print(text)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        facts = {"commit": commit(), "seed": chosen.seed, "small": chosen.small}
        chosen.json.write_text(json.dumps({**facts, **content}, indent=2) + "\n", encoding="utf-8")
    if chosen.docs:
        put_table(chosen.docs, name, text)


def put_rows(page: Path, name: str, rows: Sequence[Row], mark: str) -> None:
    """Replace the rows of a study's table in a page that hold a mark by given ones, where the first of them stood; the last where none did.

    Args:
        page: that has the table.
        name: of the study, as in its marks.
        rows: the new ones, with the columns of the table.
        mark: what all of them hold and no other row does.
    """
    found = re.search(MARKS.format(re.escape(name)), page.read_text(encoding="utf-8"), re.DOTALL)
    before = found[0].splitlines()[1:-1] if found else []
    at = next((place for place, line in enumerate(before) if mark in line), len(before))
    kept = [line for line in before[at:] if mark not in line]
    put_table(page, name, "\n".join([*before[:at], *markdown(rows).splitlines()[2:], *kept]))


def commit() -> str:
    """Return the short commit of the code, `unknown` outside a repository."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() or "unknown"


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share."""
    share, z2 = count / of, 1.96**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = 1.96 * (share * (1 - share) / of + z2 / (4 * of**2)) ** 0.5 / (1 + z2 / of)
    return max(0.0, centre - half), min(1.0, centre + half)


def _text(value: object) -> str:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
