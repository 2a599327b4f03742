"""No number of the README or of a generated section is typed by hand, and what drifts is found."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The generator, at work on a copy of the pages."""
    spec = importlib.util.spec_from_file_location("generate", REPO / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shutil.copytree(REPO / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("pictures"))
    shutil.copy(REPO / "README.md", tmp_path)
    monkeypatch.setattr(module, "HOME", tmp_path / "docs")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "EVIDENCE", tmp_path / "docs" / "evidence.json")
    monkeypatch.setattr(module, "PAGES", [tmp_path / "README.md", *sorted((tmp_path / "docs").glob("*.md"))])
    return module


def test_every_page_is_what_it_is_made_from(pages, capsys):
    assert pages.main(["--check"]) == 0, capsys.readouterr().err


def test_a_number_changed_by_hand_is_found_and_put_back(pages, capsys):
    page = pages.ROOT / "README.md"
    before = page.read_text()
    page.write_text(re.sub(r"\*\*1\.\d{3}\*\*", "**1.001**", before))
    assert page.read_text() != before
    assert pages.main(["--check"]) == 1
    assert "README.md is not what it is made from" in capsys.readouterr().err
    assert pages.main([]) == 0
    assert page.read_text() == before


def test_a_page_that_nothing_leads_to_is_found(pages, capsys):
    (pages.HOME / "lost.md").write_text("# Lost\n")
    assert pages.main(["--check"]) == 1
    assert "does not lead to lost.md" in capsys.readouterr().err


def test_a_layer_that_is_built_later_makes_the_pages_stale(pages, monkeypatch):
    monkeypatch.setattr(pages, "as_text", lambda: "Serving  model server (FastAPI)\n")
    assert pages.main(["--check"]) == 1


def test_what_is_measured_again_must_be_what_is_committed():
    spec = importlib.util.spec_from_file_location("generate", REPO / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    old = json.loads((REPO / "docs" / "evidence.json").read_text())["backtest"]
    fresh = json.loads(json.dumps(old)) | {"commit": "another"}
    fresh["rows"][0]["value"] += 0.0001
    assert list(module.differences(old, fresh)) == []
    fresh["rows"][0]["value"] += 0.01
    assert [text.split(":")[0] for text in module.differences(old, fresh)] == [".rows[0].value"]
    assert list(module.differences(old, {**old, "gains": old["gains"][1:]}))
