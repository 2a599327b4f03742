"""A model card as one web page that asks no other address for anything: style and pictures are inside."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path

from pitwall.ml.cards.card import Card, Facts, Picture, Section, Table, Text

STYLE = """
:root { color-scheme: light; --ink: #1f2933; --soft: #52606d; --line: #e4e7eb; --good: #1b6b3a; --bad: #c81d25; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; padding: 0 .9rem; color: var(--ink); }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .4rem; border-top: 1px solid var(--line); padding-top: 1rem; }
nav { font-size: .85rem; margin: .8rem 0; } nav a { color: var(--soft); margin-right: .8rem; white-space: nowrap; }
p { margin: .4rem 0; max-width: 46rem; } .summary { color: var(--soft); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .87rem; margin: .5rem 0; }
th, td { padding: .2rem .7rem .2rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } td { overflow-wrap: anywhere; }
th, td:first-child, td:nth-child(2):not(:last-child) { white-space: nowrap; } code { font-size: .92em; background: #f5f7fa; padding: 0 .2em; }
.facts th { font-weight: normal; color: var(--soft); min-width: 9rem; } .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; } figure { margin: 0; flex: 1 1 17rem; max-width: 30rem; }
figure.wide { flex-basis: 40rem; max-width: 52rem; } img { width: 100%; height: auto; }
figcaption { font-size: .8rem; color: var(--soft); }
@media print { nav { display: none; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
"""
CODE = re.compile("`([^`]+)`")
MARKS = {"passed": "good", "REFUSED": "bad"}


def to_html(card: Card) -> str:
    """Return the page; the same card gives the same text."""
    title = f"{card.model} version {card.version}"
    links = "\n".join(f'<a href="#{_anchor(section)}">{escape(section.name)}</a>' for section in card.sections)
    body = "\n".join(_section(section) for section in card.sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: model card</title><style>{STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n"
        f'<p class="summary">{escape(card.summary)}</p>\n<nav>{links}</nav>\n{body}\n</body></html>\n'
    )


def write_html(card: Card, path: Path) -> Path:
    """Write the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_html(card), encoding="utf-8")
    return path


def _section(section: Section) -> str:
    """Return a heading with its blocks, pictures that follow each other side by side."""
    parts, row = [f'<h2 id="{_anchor(section)}">{escape(section.name)}</h2>'], []
    for block in section.blocks:
        if isinstance(block, Picture):
            row.append(_picture(block))
            continue
        parts += _side_by_side(row)
        row = []
        parts.append(_html(block))
    return "\n".join([*parts, *_side_by_side(row)])


def _side_by_side(row: list[str]) -> list[str]:
    return [f'<div class="pictures">{"".join(row)}</div>'] if row else []


def _html(block: Text | Facts | Table) -> str:
    match block:
        case Text(text, label):
            return f"<p>{f'<b>{escape(label)}.</b> ' if label else ''}{_words(text)}</p>"
        case Facts(facts):
            rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts)
            return f'<table class="facts">{rows}</table>'
        case Table(columns, rows, numbers):
            kinds = ['class="n"' if column in numbers else "" for column in columns]
            head = "".join(f"<th {kind}>{escape(name)}</th>" for name, kind in zip(columns, kinds, strict=True))
            body = "".join(f"<tr>{_cells(row, kinds)}</tr>" for row in rows)
            return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(row: tuple[str, ...], kinds: list[str]) -> str:
    marked = [f'class="{MARKS[cell]}"' if cell in MARKS else kind for cell, kind in zip(row, kinds, strict=True)]
    return "".join(f"<td {mark}>{_words(cell)}</td>" for cell, mark in zip(row, marked, strict=True))


def _words(text: str) -> str:
    """Return text with what stands between backticks set as code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def _picture(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode()
    wide = ' class="wide"' if picture.wide else ""
    caption = escape(picture.caption)
    return f'<figure{wide}><img alt="{caption}" src="data:image/png;base64,{data}"><figcaption>{caption}</figcaption></figure>'


def _anchor(section: Section) -> str:
    return section.name.lower().replace(" ", "-")
