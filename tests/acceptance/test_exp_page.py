"""docs/exp.md line by line: its runs are made, each command is given, and says what the page says."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from pitwall.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "exp.md"
WHEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d [\d.e-]+")  # when a run began, and the seconds that it took


def told(text: str) -> list[str]:
    """Return the words of each line that has any; instants and durations are those of no other run."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [WHEN.sub("...", line) for line in lines if line.strip(" ─")]


def test_every_command_of_the_page_says_what_the_page_says(tmp_path, monkeypatch, capsys):
    page = PAGE.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (made,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(made, {})
    given = 0
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            monkeypatch.setattr(sys, "argv", shlex.split(command))
            with pytest.raises(SystemExit) as left:
                main()
            shown = capsys.readouterr()
            assert not left.value.code, (command, shown.err)
            assert told(shown.out) == told(said), command
            given += 1
    assert given > 20
