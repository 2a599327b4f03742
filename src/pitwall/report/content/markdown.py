"""Documents and tables as Markdown, for the repository, for reviews and for the gate that reads a card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pitwall.report.content.blocks import (
    Answers,
    Block,
    Contributions,
    Drawing,
    Facts,
    Fold,
    Heat,
    Note,
    Picture,
    Table,
    Text,
)
from pitwall.report.content.document import Document

PICTURES = "pictures"


def to_markdown(document: Document, *, pictures: bool = True) -> str:
    """Return the document as Markdown; pictures are linked below `pictures/`, or left out, drawings always."""
    lines = [f"# {document.title}", "", document.summary]
    for section in document.sections:
        lines += ["", f"{'#' * section.level} {section.name}"] if section.name else []
        for block in section.blocks:
            if isinstance(block, Drawing) or (isinstance(block, Picture) and not pictures):
                continue
            lines += ["", *_lines(block)]
    return "\n".join(lines) + "\n"


def write_markdown(document: Document, path: Path) -> Path:
    """Write the document, and its pictures into the folder `pictures` beside it."""
    folder = path.parent / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for picture in document.pictures():
        (folder / picture.name).write_bytes(picture.png)
    path.write_text(to_markdown(document), encoding="utf-8")
    return path


def table_lines(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()) -> list[str]:
    """Return the lines of a Markdown table.

    Args:
        columns: titles.
        rows: cells, as many as there are columns.
        numbers: titles of the columns that are set right.
    """
    head = "|" + "".join(f" {_cell(name)} |" if name else " |" for name in columns)
    return [head, _line(["---:" if name in numbers else "---" for name in columns]), *map(_line, rows)]


def section_texts(markdown: str) -> dict[str, str]:
    """Return what stands below each heading of the second level of a Markdown text."""
    parts = ("\n" + markdown).split("\n## ")[1:]
    return {head.strip(): body.strip() for head, _, body in (part.partition("\n") for part in parts)}


def _lines(block: Block) -> list[str]:
    lines: list[str] = []
    match block:
        case Text(text, label):
            lines = [f"**{label}.** {text}" if label else text]
        case Note(text):
            lines = [f"> {text}"]
        case Facts(facts):
            lines = [f"- {name}: {value}" for name, value in facts]
        case Table(columns, rows, numbers):
            lines = table_lines(columns, rows, numbers)
        case Picture(name, caption):
            lines = [f"![{caption}]({PICTURES}/{name})"]
        case Fold(title, blocks, small):
            lines = [f"**{title}** {small}".rstrip(), *(line for each in blocks for line in ("", *_lines(each)))]
        case Answers() | Heat() | Contributions():
            lines = _lines(block.plain())
    return lines


def _line(row: Sequence[str]) -> str:
    return "| " + " | ".join(map(_cell, row)) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
