"""Every study and benchmark can be imported: CI runs a part of them a day, and what they import is renamed on any day."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMPORT = """
import importlib, pathlib, sys
sys.path.insert(0, sys.argv[1])
for file in sorted(pathlib.Path(sys.argv[1]).glob("[a-z]*.py")):
    importlib.import_module(file.stem)
    print(file.stem)
"""


@pytest.mark.parametrize("folder", ["studies", "benchmarks"])
def test_every_script_finds_what_it_imports(folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(ROOT / folder)], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    assert done.stdout.split() == sorted(path.stem for path in (ROOT / folder).glob("[a-z]*.py"))


def test_a_script_that_does_not_is_found(tmp_path: Path) -> None:
    (tmp_path / "stale.py").write_text("from pitwall.domain.project import nobody\n")
    done = subprocess.run([sys.executable, "-c", IMPORT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode and "nobody" in done.stderr
