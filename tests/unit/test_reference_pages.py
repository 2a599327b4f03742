"""The reference pages name what there is: every item of the lint, commands, tests and pages that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from pitwall.cli._app import app
from pitwall.tracking.checklists.items import CHECKLIST

REPO = Path(__file__).resolve().parents[2]
DOCS = REPO / "docs"
PAGES = [DOCS / "corrections.md", *sorted((DOCS / "references").glob("*.md"))]
BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", BLOCK.sub("", _text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def _by_id(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def test_the_checklist_page_names_every_item_and_no_other():
    rows = [line.split("|") for line in _text(DOCS / "references" / "reproducibility-checklist.md").splitlines()]
    heads = [next((n for n, cell in enumerate(row) if "item of the lint" in cell), 0) for row in rows]
    column, named = 0, set()
    for row, head in zip(rows, heads, strict=True):
        column = head or (column if len(row) > 1 else 0)
        if column and not head:
            named |= set(re.findall(r"`([^`]+)`", row[column]))
    assert named == {item.name for item in CHECKLIST}


@pytest.mark.parametrize("page", PAGES, ids=_by_id)
def test_tests_and_pages_that_are_named_exist(page):
    text = BLOCK.sub("", _text(page))
    assert [name for name in re.findall(r"`(tests/[^`*]+)`", text) if not (REPO / name).exists()] == []
    for link in re.findall(r"\]\((?!http)([^)\s]+)\)", text):
        name, _, anchor = link.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), link
        assert not anchor or anchor in _anchors(found), link


@pytest.mark.parametrize("page", PAGES, ids=_by_id)
def test_commands_that_are_named_exist(page):
    line = typer.main.get_command(app)
    for words in re.findall(r"(?:`|^\$ )pitwall ([a-z][a-z ]*)", _text(page), re.MULTILINE):
        command = line
        for word in words.split():
            if not hasattr(command, "commands"):
                break  # an argument
            assert word in command.commands, f"pitwall {words}"
            command = command.commands[word]
