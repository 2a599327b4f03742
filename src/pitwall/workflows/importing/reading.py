"""Read the cells of a notebook: an .ipynb (format 4), or its twin as Python text with `# %%` lines. Nothing is run; outputs are not looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pitwall.domain.errors import NotImported, UnknownName

TAGS = {"pitwall:model": "model", "pitwall:features": "features"}
MOST_BYTES, MOST_CELLS, MOST_OF_A_CELL = 2 << 20, 500, 100_000
FORMAT = 4
KINDS = ("code", "markdown", "raw")
NEAR = 0.8
MARK = re.compile(r"^# %%(.*)$")
TAGGED = re.compile(r"tags=(\[[^\]]*\])")
KIND = re.compile(r"\[(markdown|md|raw)\]")


@dataclass(frozen=True)
class Cell:
    """One cell: its number from 1, kind, tags and text; `role` is what its tag makes it, empty without a tag of ours."""

    number: int
    kind: str
    tags: tuple[str, ...]
    source: str

    @property
    def role(self) -> str:
        """Return `model`, `features`, or nothing."""
        return next((role for tag, role in TAGS.items() if tag in self.tags), "")

    @property
    def title(self) -> str:
        """Return the first line that says something, shortened."""
        return next((line.strip()[:60] for line in self.source.splitlines() if line.strip()), "")


def read_cells(content: bytes) -> tuple[Cell, ...]:
    """Return the cells of a notebook.

    Raises:
        NotImported: it is too large, or no notebook; says what was found.
        UnknownName: a tag is almost one of ours.
    """
    if len(content) > MOST_BYTES:
        raise NotImported(
            f"the notebook holds {len(content):,} bytes, at most {MOST_BYTES:,} are read; clear its outputs and try again."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotImported(f"the notebook is no UTF-8 text (byte {error.start}).") from None
    cells = _of_json(text) if text.lstrip().startswith("{") else _of_python(text)
    if len(cells) > MOST_CELLS:
        raise NotImported(f"the notebook has {len(cells)} cells; at most {MOST_CELLS} are read.")
    for each in cells:
        _check(each)
    return cells


def _check(cell: Cell) -> None:
    if len(cell.source) > MOST_OF_A_CELL:
        raise NotImported(
            f"cell {cell.number} has {len(cell.source):,} characters; at most {MOST_OF_A_CELL:,} are read."
        )
    for tag in cell.tags:
        if tag not in TAGS and (tag.startswith("pitwall") or get_close_matches(tag, TAGS, cutoff=NEAR)):
            raise UnknownName(f"tag of cell {cell.number}", tag[:60], TAGS)
    if len(set(cell.tags) & set(TAGS)) > 1:
        raise NotImported(f"cell {cell.number} has two tags of ours; a cell says one thing: {', '.join(TAGS)}.")


def _of_json(text: str) -> tuple[Cell, ...]:
    try:
        book = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotImported(f"the notebook is no JSON: {str(error)[:200]}.") from None
    version, cells = book.get("nbformat"), book.get("cells")
    if version != FORMAT or not isinstance(cells, list):
        found = f"nbformat {str(version)[:20]}" if isinstance(cells, list) else "no list of cells"
        raise NotImported(
            f"the notebook is none of format {FORMAT} (found {found}); save it again with a Jupyter of today."
        )
    return tuple(_cell(number, each) for number, each in enumerate(cells, 1))


def _cell(number: int, said: Any) -> Cell:
    about = said.get("metadata", {}) if isinstance(said, Mapping) else None
    if not isinstance(about, Mapping) or said.get("cell_type") not in KINDS:
        raise NotImported(
            f"cell {number} is no cell of a notebook: it needs cell_type ({', '.join(KINDS)}), metadata and source."
        )
    source, tags = said.get("source", ""), about.get("tags", [])
    lines = [source] if isinstance(source, str) else source
    if not all(isinstance(each, list) and all(isinstance(word, str) for word in each) for each in (lines, tags)):
        raise NotImported(f"cell {number} has a source or tags that are no text.")
    return Cell(number, said["cell_type"], tuple(tags), "".join(lines))


def _of_python(text: str) -> tuple[Cell, ...]:
    """Return the cells of a text in the percent format of jupytext; what stands before the first mark is none."""
    parts: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if found := MARK.match(line):
            parts.append((found[1], []))
        elif parts:
            parts[-1][1].append(line)
    if not parts:
        raise NotImported("it is neither an .ipynb nor Python text with `# %%` before its cells; give one of these.")
    return tuple(_marked(number, *each) for number, each in enumerate(parts, 1))


def _marked(number: int, mark: str, lines: list[str]) -> Cell:
    found, kind = TAGGED.search(mark), KIND.search(mark)
    try:
        tags = json.loads(found[1]) if found else []
    except ValueError:
        raise NotImported(
            f'the tags of cell {number} are written as tags=["pitwall:model"]; found {found and found[1][:60]}.'
        ) from None
    if kind is None:
        return Cell(number, "code", tuple(map(str, tags)), "\n".join(lines))
    bare = "\n".join(line.removeprefix("# ").removeprefix("#") for line in lines)
    return Cell(number, "raw" if kind[1] == "raw" else "markdown", tuple(map(str, tags)), bare)
