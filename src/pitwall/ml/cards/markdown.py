"""A model card as Markdown, for the repository, for reviews and for the gate that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pitwall.ml.cards.card import Block, Card, Facts, Picture, Table, Text

PICTURES = "pictures"


def to_markdown(card: Card, *, pictures: bool = True) -> str:
    """Return the card as Markdown; pictures are linked below `pictures/`, or left out."""
    lines = [f"# {card.model} version {card.version}", "", card.summary]
    for section in card.sections:
        lines += ["", f"## {section.name}"]
        for block in section.blocks:
            if isinstance(block, Picture) and not pictures:
                continue
            lines += ["", *_lines(block)]
    return "\n".join(lines) + "\n"


def write_markdown(card: Card, path: Path) -> Path:
    """Write the card, and its pictures into the folder `pictures` beside it."""
    folder = path.parent / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for picture in card.pictures():
        (folder / picture.name).write_bytes(picture.png)
    path.write_text(to_markdown(card), encoding="utf-8")
    return path


def _lines(block: Block) -> list[str]:
    match block:
        case Text(text, label):
            return [f"**{label}.** {text}" if label else text]
        case Facts(facts):
            return [f"- {name}: {value}" for name, value in facts]
        case Table(columns, rows, numbers):
            rule = ["---:" if column in numbers else "---" for column in columns]
            return [_cells(row) for row in (columns, rule, *rows)]
        case Picture(name, caption):
            return [f"![{caption}]({PICTURES}/{name})"]


def _cells(row: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
