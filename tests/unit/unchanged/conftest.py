"""Two small runs to compare: one of the version before, one of this one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "studies"))

from _unchanged.invented import Run


@pytest.fixture
def before(tmp_path: Path) -> Run:
    return Run(tmp_path / "before", new=False)


@pytest.fixture
def after(tmp_path: Path) -> Run:
    return Run(tmp_path / "after", new=True)
