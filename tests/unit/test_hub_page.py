"""docs/hub.md lists every name by which a bundle is refused, and no other."""

from __future__ import annotations

from pathlib import Path

from pitwall.workflows.hub.opening.refusal import REASONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hub.md"


def test_the_page_lists_all_names_of_refusals_with_their_words() -> None:
    _, _, table = PAGE.read_text(encoding="utf-8").partition("## Names of refusals")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    assert {name.strip("`"): words for name, words in rows} == REASONS
