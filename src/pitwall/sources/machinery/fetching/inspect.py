"""Look at untrusted raw files: encoding, header, size, the form of each column. Runs as `python -m pitwall.sources.machinery.fetching.inspect ROLE FOLDER`.

It first limits its own memory and CPU time, and needs no network, so that a hostile file can at worst end this process.
It prints JSON: {"rows": {file: count}} or {"error": text}. Standard library only, but for parquet files.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import zlib
from pathlib import Path

from pitwall.domain.errors import SourceError
from pitwall.domain.processes.limits import ProcessLimits
from pitwall.sources.machinery.reading.columns import Seen
from pitwall.sources.machinery.reading.csv import lines
from pitwall.sources.machinery.reading.format import RawFile, RawFormat
from pitwall.sources.machinery.reading.schema import FORMATS

MAX_BYTES = 256 << 20
MEMORY_BYTES = 3 << 30
CPU_SECONDS = 60
MAY_BE_EMPTY = "qualifying"  # before a season's first session


def inspect(folder: Path, role: str = "results") -> dict[str, int]:
    """Return the row count of every raw file in `folder`, as sources of a role deliver them.

    Raises:
        SourceError: a required file is missing or empty, or a file is not what it should be; names it.
    """
    raw = FORMATS[role]
    files = {path: table for path in sorted(folder.iterdir()) if (table := raw.table(path.name))}
    missing = [raw.file(table) for table in raw.required if table not in files.values()]
    if missing:
        raise SourceError(
            f"{missing[0]} is missing (missing in all: {', '.join(missing)}). Give the folder, zip or URL of {raw.title}; "
            f"it must hold {', '.join(raw.file(table) for table in raw.required)}."
        )
    _check_forms(files)
    rows = {path: _rows(path, raw.files[table], raw) for path, table in files.items()}
    for path, table in files.items():
        if raw.files[table].required and table != MAY_BE_EMPTY and not rows[path]:
            raise SourceError(f"{path.name} has a header but no rows; the file is incomplete, fetch it again.")
    return {path.name: count for path, count in rows.items()}


def _check_forms(files: dict[Path, str]) -> None:
    """Refuse a table of which some files are parquet and some text: their columns could not be joined."""
    form: dict[str, Path] = {}
    for path, table in files.items():
        first = form.setdefault(table, path)
        if (first.suffix == ".parquet") != (path.suffix == ".parquet"):
            raise SourceError(f"{first.name} and {path.name} differ in form; give all files of {table} in one form.")


def _rows(path: Path, file: RawFile, raw: RawFormat) -> int:
    if path.suffix == ".parquet":
        from pitwall.sources.machinery.fetching.inspect_parquet import parquet_rows  # pyarrow, only where it is needed

        return parquet_rows(path, file, MAX_BYTES)
    try:
        return _csv_rows(path, file, raw)
    except csv.Error as error:
        raise SourceError(f"{path.name} is not readable as CSV: {error}. Fetch the file again.") from error


def _csv_rows(path: Path, file: RawFile, raw: RawFormat) -> int:
    """Return the number of lines below the header, having looked at every value of every known column."""
    header, rows = lines(_text(path, raw))
    file.check_header(path.name, header)
    columns = [
        (header.index(name), Seen(path.name, each, file.columns[each])) for each, name in file.known(header).items()
    ]
    width, good, ragged = len(header), 0, 0
    for row in rows:
        if len(row) != width:
            ragged += 1
            odd = row
            continue
        good += 1
        for place, seen in columns:
            seen.see(row[place])
    if ragged > good:
        raise SourceError(
            f"{path.name} has {width} columns in its header but {len(odd)} in lines like {','.join(odd)[:80]!r}; write it with as many "
            "names as columns (R: row.names = FALSE)."
        )
    for _, seen in columns:
        seen.judge()
    return good + ragged


def _text(path: Path, raw: RawFormat) -> str:
    """Return the decoded content, at most `MAX_BYTES` of it."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path.name} is damaged or cut short ({error}); fetch it again.") from error
    if len(content) > MAX_BYTES:
        raise SourceError(f"{path.name} holds more than {MAX_BYTES >> 20} MB; that is no file of {raw.title}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is not UTF-8 text (byte {error.start}); export it as UTF-8 CSV.") from error


def main(role: str, folder: str) -> None:
    """Limit this process, then print what `inspect` says of a folder, as JSON."""
    ProcessLimits(MEMORY_BYTES, CPU_SECONDS).hold()
    try:
        answer: dict[str, object] = {"rows": inspect(Path(folder), role)}
    except SourceError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
