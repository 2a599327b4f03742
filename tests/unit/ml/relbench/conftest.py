"""One tiny world for all tests of the folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pitwall.ml.relbench.learning import samples
from pitwall.testing.worlds.relbench import write_tiny_relbench


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `ergast` and `rel_f1`."""
    return write_tiny_relbench(tmp_path_factory.mktemp("relbench"))


@pytest.fixture(autouse=True)
def fewer_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn from every sixth sample: the tests are about rules, not about skill."""
    monkeypatch.setattr(samples, "STEP", pd.Timedelta(days=60))
    monkeypatch.setattr(samples, "STEP_AFTER", pd.Timedelta(days=60))
