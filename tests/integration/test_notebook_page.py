"""The code of docs/notebook.md runs as it stands, in one go, through the real feature store."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pitwall.testing.worlds.project import TinyProject

PAGE = Path(__file__).parents[2] / "docs" / "notebook.md"
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)  # not those marked `notest`
AFTER = """
assert list(fe.describe()["group"].unique()) == ["auto", "own", "podium_share", "points_so_far"]
assert "next_place" not in fe.names()
print("the page ran")
"""


@pytest.mark.slow
def test_the_page_runs(tiny_project: TinyProject) -> None:
    blocks = CODE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) >= 9
    done = tiny_project.run(sys.executable, "-c", "\n".join([*blocks, AFTER]))
    assert "next_place looks ahead" in done.stdout
    assert done.stdout.rstrip().endswith("the page ran")
