"""A tiny dump on disk, and helpers to damage it."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pitwall.sources.machinery.fetching import inspect
from pitwall.sources.machinery.snapshots import store
from pitwall.sources.synthetic import SyntheticSettings, fetch

TINY = SyntheticSettings(seasons=2, teams=4, races=4, laps_seasons=0)


@pytest.fixture(autouse=True)
def inspected_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the same inspection here: starting a process for each of a hundred fetches takes longer than all the rest."""
    monkeypatch.setattr(store, "inspect_folder", inspect.inspect)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pristine")
    fetch(None, TINY, folder)
    return folder


@pytest.fixture
def dump(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "dump"))


Edit = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def edit(dump: Path) -> Callable[[str, Edit], None]:
    """Change the rows of one file of the dump in place."""

    def change(name: str, action: Edit) -> None:
        path = dump / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        columns = list(rows[0])
        action(rows)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return change
