"""`pitwall exp name` and `check-name`, which need no project."""

from __future__ import annotations

import re
import sys

import pytest

from pitwall.cli import main


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pitwall", "exp", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        (("experiment", "order"), "pitwall-order"),
        (("run", "order-pre_race", "stack"), r"\d{4}-\d\d-\d\d-order-pre_race-stack"),
        (("model", "stack", "synthetic", "3"), "stack-synthetic-v3"),
        (("path", "baseline", "0123456789ab"), r"pitwall/baseline_\d{4}-\d\d-\d\d/run_0123456789ab"),
    ],
)
def test_a_made_name_passes_its_own_check(monkeypatch, capsys, arguments, form):
    assert call(monkeypatch, "name", *arguments) == 0
    made = capsys.readouterr().out.strip()
    assert re.fullmatch(form, made)
    assert call(monkeypatch, "check-name", arguments[0], made) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check-name", "model", "stack"), "the form is {architecture}-{dataset}-{version}"),
        (("check-name", "modle", "stack"), "did you mean 'model'"),
        (("name", "run", "order"), "it needs 2 parts, found 1"),
        (("name", "path", "other", "0123456789ab"), "the form is"),
    ],
)
def test_a_bad_name_exits_2_and_says_the_form(monkeypatch, capsys, arguments, said):
    assert call(monkeypatch, *arguments) == 2
    assert said in capsys.readouterr().err
