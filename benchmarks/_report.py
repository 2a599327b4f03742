"""What the benchmarks share at both ends: the options that all have, and rows for people or for a file.

A row is {work, subject, value, unit, peer, ratio}; the ratio is None where there is no peer in the same run.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def options(doc: str | None, small: str) -> argparse.ArgumentParser:
    """Return a parser with `--json` and `--small`.

    Args:
        doc: the benchmark's docstring; its first line says what it measures.
        small: what the small form does.
    """
    parser = argparse.ArgumentParser(description=(doc or "").split("\n", 1)[0])
    parser.add_argument("--json", metavar="FILE", help="write the rows; - is standard output")
    parser.add_argument("--small", action="store_true", help=small)
    return parser


def report(rows: list[Row], target: str | None) -> None:
    """Print the rows for people and write them to a file, or print them as JSON where the target is `-`."""
    text = json.dumps(rows, indent=1)
    if target == "-":
        print(text)
        return
    for row in rows:
        ratio = "" if row["ratio"] is None else f", {row['ratio']:g} x {row['peer']}"
        print(f"{row['work']}: {row['subject']} {row['value']:,g} {row['unit']}{ratio}")
    if target:
        Path(target).write_text(text + "\n", encoding="utf-8")
