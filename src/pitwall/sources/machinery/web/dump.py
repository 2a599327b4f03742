"""Write the files of an Ergast dump from lines that a source made."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pitwall.sources.machinery.reading.schema import FORMATS

Line = Mapping[str, Any]
NULL = "\\N"


def write_dump(folder: Path, tables: Mapping[str, Sequence[Line]]) -> None:
    """Write one CSV file per table; a table without lines has a file only where the format needs it.

    Args:
        folder: an empty one.
        tables: lines by table; a value that is None, or missing, is null.
    """
    files = FORMATS["results"].files
    for name, lines in tables.items():
        if lines or files[name].required:
            columns = list(dict.fromkeys([*files[name].needed, *(column for line in lines for column in line)]))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows([_text(line.get(column)) for column in columns] for line in lines)


def _text(value: Any) -> Any:
    return NULL if value is None else value
