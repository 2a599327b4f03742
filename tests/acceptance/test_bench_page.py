"""The code of docs/bench.md runs as it stands, in one go."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bench.md"
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_page_runs(in_a_project, tmp_path, capsys):
    blocks = CODE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 3
    path = tmp_path / "page.py"  # a function of one's own is kept by its text, so it must have one
    path.write_text("\n".join(blocks), encoding="utf-8")
    space: dict[str, object] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    assert "held-out races" in capsys.readouterr().out
    assert space["six"].question.own
    assert space["points"].fitted.recipe.definition.family == "regression"
