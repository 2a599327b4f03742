"""Feast is opened once under the lock of the slots: a thread that holds it and one that opens do not wait for each other."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.project import Project

REPO = Path(__file__).resolve().parents[4]
PATIENCE_S = 10


class Opened(FeastStore):
    """A store whose opening looks at the slots, as Feast's does, after another thread had time to lock them."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.opening, self.locked, self.times = threading.Event(), threading.Event(), 0

    def _open(self) -> Any:
        self.times += 1
        self.opening.set()
        self.locked.wait(0.3)
        self._slots.prepare()
        return "feast"


def test_opening_and_filling_a_slot_at_once_end_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "feast", ModuleType("feast"))  # the import costs seconds and is not the point
    store, answers = Opened(Project(tmp_path)), []

    def fill() -> None:
        store.opening.wait(PATIENCE_S)
        with store._slots.lock:
            store.locked.set()
            answers.append(store._store)

    threads = [threading.Thread(target=fill, daemon=True)]
    threads += [threading.Thread(target=lambda: answers.append(store._store), daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert answers == ["feast"] * 4
    assert store.times == 1


def test_closing_what_was_never_opened_opens_nothing(tmp_path: Path) -> None:
    store = FeastStore(Project(tmp_path))
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_feast_records_nothing_beside_the_manifest():
    settings = yaml.safe_load((REPO / "feature_repo" / "feature_store.yaml").read_text(encoding="utf-8"))
    assert not {"mlflow", "openlineage"} & set(settings), (
        "docs/decisions/0044-feast-integrations.md says why both are off"
    )
