"""The lines of the two founding pages run as they are retold in `founding/`; where a line differs, docs/founding.md says how and why.

Tools that take seconds to open stand in memory; the same lines on MLflow and Feast are what the notebooks do.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "founding"
# file: after which other one it goes on, sharing its names
FILES = {
    "tracking": None,
    "early_stopping": None,
    "search": None,
    "registry": None,
    "features": None,
    "configuration": None,
    "pipeline": "features",
    "selection": None,
    "momentum": None,
    "builder": None,
    "automl": None,
}


def _run(name: str) -> dict[str, object]:
    before = FILES[name]
    space = _run(before) if before else {}
    path = FOLDER / f"{name}.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    return space


SLOW = {"builder", "automl"}  # they train what they have built


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in FILES])
def test_the_lines_run(name, in_a_project):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        _run(name)
    shadowed = [str(each.message) for each in told if "is also a feature that ships" in str(each.message)]
    assert len(shadowed) == (name == "momentum")


def test_every_file_is_run():
    assert set(FILES) == {path.stem for path in FOLDER.glob("*.py")}
