"""The inspection runs in a process of its own, with limits that really hold."""

from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.fetching import inspect, sandbox


def test_rows_come_back_from_the_other_process(dump: Path) -> None:
    assert sandbox.inspect_folder(dump, "results") == inspect.inspect(dump)


def test_its_errors_come_back_too(dump: Path) -> None:
    (dump / "status.csv").unlink()
    with pytest.raises(SourceError, match=r"^status\.csv is missing"):
        sandbox.inspect_folder(dump, "results")


def test_a_process_that_dies_is_an_error_with_advice(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sandbox, "PROGRAM", ("-c", "import resource as r; r.setrlimit(r.RLIMIT_AS, (1 << 28,) * 2); 'x' * (1 << 29)")
    )
    with pytest.raises(SourceError, match=r"hit a limit of memory or time \(MemoryError\)"):
        sandbox.inspect_folder(dump, "results")
