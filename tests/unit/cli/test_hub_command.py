"""`pitwall hub` as a person meets it: a bundle goes from one project to another, and what is refused says by which name."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pitwall.cli import main
from pitwall.testing.bundles.honest import honest_bundle, signer


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pitwall", "hub", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), *capsys.readouterr()

    return run


def _answer(done: tuple[int, str, str]) -> Any:
    assert done[0] == 0, done
    return json.loads(done[1])


def test_a_bundle_is_trusted_taken_listed_shown_and_verified(call, tmp_path: Path) -> None:
    ada = signer(tmp_path / "ada", "ada")
    (tmp_path / "fast.zip").write_bytes(honest_bundle(ada))
    code, _, said = call("download", "fast.zip")
    assert code == 1
    assert "unknown_signer" in said
    assert _answer(call("list", "--json", "-"))["refused"][0]["reason"] == "unknown_signer"
    assert _answer(call("trust", str(ada.pem), "--json", "-")) == [ada.id]
    taken = _answer(call("download", "fast.zip", "--json", "-"))
    assert (taken["name"], taken["key"]) == ("fast", ada.id)
    assert "knows the grid" in _answer(call("show", "fast", "--json", "-"))["card"]
    assert _answer(call("verify", taken["bundle"][:8], "--no-reproduce", "--json", "-"))["badge"] is None
    told = _answer(call("verify", "fast@1", "--json", "-"))
    assert (told["bundle"], told["badge"]["outcome"]) == (taken["bundle"], "not repeated")
    (listed,) = _answer(call("list", "--json", "-"))["verified"]
    assert (listed["bundle"], listed["downloads"], listed["downloads_this_week"]) == (taken["bundle"], 1, 1)
    assert listed["badge"]["outcome"] == "not repeated"
    assert call("fork", "fast")[0] == 2  # a rule to beat, which nobody orders
    rated = _answer(call("rate", "fast", "5", "--json", "-"))
    assert (rated["rating"], rated["ratings"], rated["my_rating"]) == (5.0, 1, 5)
    assert call("rate", "fast", "6")[0] == 2
    assert [each["rating"] for each in _answer(call("top", "--json", "-"))] == [5.0]
    code, _, said = call("show", "fats")
    assert code == 2
    assert "did you mean 'fast'" in said


def test_the_own_key_is_made_once_and_trusted_without_a_word(call, tmp_path: Path) -> None:
    made = _answer(call("key", "--json", "-"))
    assert _answer(call("key", "--json", "-")) == made
    assert _answer(call("trust", "--json", "-")) == []
    assert call("trust", "nothing.pem")[0] == 2
