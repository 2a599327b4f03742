"""What is printed is what was said, brackets in a path too."""

from __future__ import annotations

import pytest

from pitwall.cli._output import console, table


def test_brackets_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    console(None).print("stored as /home/f1 [bold]/a.json")
    console(None).print(table("title", ["path"], [["/home/f1 [red]/b.json"]]))
    said = capsys.readouterr().out
    assert "/home/f1 [bold]/a.json" in said and "/home/f1 [red]/b.json" in said
