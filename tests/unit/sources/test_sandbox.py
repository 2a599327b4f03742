"""The inspection runs in a process of its own, with limits that really hold."""

from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError
from pitwall.sources import _inspect, _sandbox


def test_rows_come_back_from_the_other_process(dump: Path) -> None:
    assert _sandbox.inspect_folder(dump, "results") == _inspect.inspect(dump)


def test_its_errors_come_back_too(dump: Path) -> None:
    (dump / "status.csv").unlink()
    with pytest.raises(SourceError, match=r"^status\.csv is missing"):
        _sandbox.inspect_folder(dump, "results")


def test_a_process_that_dies_is_an_error_with_advice(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        _sandbox, "PROGRAM", ("-c", "import resource as r; r.setrlimit(r.RLIMIT_AS, (1 << 28,) * 2); 'x' * (1 << 29)")
    )
    with pytest.raises(SourceError, match=r"hit a limit of memory or time \(MemoryError\)"):
        _sandbox.inspect_folder(dump, "results")
