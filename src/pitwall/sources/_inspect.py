"""Look at untrusted raw files: encoding, header, size. Runs as `python -m pitwall.sources._inspect FOLDER`.

It first limits its own memory and CPU time, and needs no network, so that a hostile file can at worst end this process.
It prints JSON: {"rows": {file: count}} or {"error": text}. Standard library only.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import resource
import sys
import zlib
from difflib import get_close_matches
from pathlib import Path

from pitwall.domain.errors import SourceError
from pitwall.sources._schema import FILENAMES, RAW, REQUIRED

MAX_BYTES = 256 << 20
MEMORY_BYTES = 3 << 30
CPU_SECONDS = 60


def inspect(folder: Path) -> dict[str, int]:
    """Return the row count of every raw file in `folder`.

    Raises:
        SourceError: a required file is missing or empty, or a file is not what it should be; names it.
    """
    files = {FILENAMES[path.name]: path for path in sorted(folder.iterdir()) if path.name in FILENAMES}
    missing = [name for name in REQUIRED if name not in files]
    if missing:
        raise SourceError(
            f"{missing[0]}.csv is missing (missing in all: {', '.join(f'{name}.csv' for name in missing)}). Give the "
            f"folder, zip or URL of an Ergast-format CSV dump; it must hold {', '.join(f'{n}.csv' for n in REQUIRED)}."
        )
    rows = {path.name: _rows(path, name) for name, path in files.items()}
    empty = [name for name in REQUIRED if name != "qualifying" and rows[files[name].name] == 0]
    if empty:
        raise SourceError(f"{files[empty[0]].name} has a header but no rows; the dump is incomplete, fetch it again.")
    return rows


def _rows(path: Path, name: str) -> int:
    try:
        reader = csv.reader(io.StringIO(_text(path), newline=""))
        check_header(path.name, name, next(reader, []))
        return sum(1 for row in reader if row)
    except csv.Error as error:
        raise SourceError(f"{path.name} is not readable as CSV: {error}. Fetch the file again.") from error


def _text(path: Path) -> str:
    """Return the decoded content, at most `MAX_BYTES` of it."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path.name} is damaged or cut short ({error}); fetch it again.") from error
    if len(content) > MAX_BYTES:
        raise SourceError(f"{path.name} holds more than {MAX_BYTES >> 20} MB; that is no Ergast table.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is not UTF-8 text (byte {error.start}); export it as UTF-8 CSV.") from error


def check_header(file: str, name: str, header: list[str]) -> None:
    """Refuse a header that lacks a needed column, with the nearest name that is there."""
    if not header:
        raise SourceError(f"{file} is empty; fetch it again.")
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise SourceError(f"{file} has two columns called {repeated[0]!r}; keep one of them.")
    for column in RAW[name].needed:
        if column not in header:
            near = get_close_matches(column, header, n=1)
            hint = f"; did {near[0]!r} take its place? Rename it" if near else "; add it"
            raise SourceError(
                f"{file} lacks the column {column!r} (found: {', '.join(header)}){hint}. "
                f"Needed: {', '.join(RAW[name].needed)}."
            )


def main(folder: str) -> None:
    """Limit this process, then print what `inspect` says of a folder, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        answer: dict[str, object] = {"rows": inspect(Path(folder))}
    except SourceError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
