"""The page of the data says of every raw column what the schema says."""

from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.sources.machinery.canonical import accepted
from pitwall.sources.machinery.reading.schema import FORMATS

PAGE = Path(__file__).resolve().parents[5] / "docs" / "data.md"


def test_the_page_is_what_the_schema_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert accepted.renewed(page) == page, (
        "renew it: python -m pitwall.sources.machinery.canonical.accepted docs/data.md"
    )
    for file in (*FORMATS["results"].files.values(), *FORMATS["laps"].files.values()):
        for column in file.columns:
            assert f"| `{column}` |" in page


def test_a_changed_range_or_kind_changes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGE.read_text(encoding="utf-8")
    raw = FORMATS["results"]
    for changed in (
        replace(raw.files["races"], ranges={**raw.files["races"].ranges, "round": (1.0, 41.0)}),
        replace(raw.files["races"], needed={**raw.files["races"].needed, "round": "i?"}),
    ):
        monkeypatch.setitem(accepted.FORMATS, "results", replace(raw, files={**raw.files, "races": changed}))
        assert accepted.renewed(page) != page
