"""`pitwall account` as a person meets it: passwords by prompt or file, never by argument; what is wrong ends with 2."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from pitwall.cli import main
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.testing.passwords import cheap_passwords
from pitwall.workflows.people import entering
from pitwall.workflows.workspace import Workspace

PASSWORD = "a door with five hinges"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    with cheap_passwords():
        yield tmp_path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pitwall", "account", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), *capsys.readouterr()

    return run


def may_enter(name: str, password: str) -> bool:
    with Workspace() as workspace:
        return bool(entering.enter(workspace, name, password))


def test_an_account_is_made_listed_given_a_role_and_deleted(call, tmp_path: Path) -> None:
    (tmp_path / "word").write_text(f"{PASSWORD}\r\nnot this\n")
    code, said, _ = call("create", "ada", "--password-file", str(tmp_path / "word"), "--json", "-")
    assert code == 0 and json.loads(said)["role"] == "admin"
    assert may_enter("ada", PASSWORD)
    assert call("create", "ben", "--password-file", "-", "--tier", "team", typed=f"{PASSWORD}\n")[0] == 0
    code, said, _ = call("list", "--json", "-")
    assert [(each["name"], each["role"], each["tier"], each["sessions"]) for each in json.loads(said)] == [
        ("ada", "admin", "free", 1),
        ("ben", "member", "team", 0),
    ]
    assert "argon2" not in said
    code, said, _ = call("role", "ben", "admin")
    assert (code, said.strip()) == (0, "ben is admin")
    assert call("delete", "ada", typed="ben\n")[0] == 2
    code, said, _ = call("delete", "ada", typed="ada\n")
    assert code == 0 and "gone: the account, 0 tokens, 1 sessions" in said
    assert call("create", "ada", "--password-file", "-", typed=f"{PASSWORD}\n")[0] == 2


def test_another_password_from_a_file_ends_the_sessions(call) -> None:
    call("create", "ada", "--password-file", "-", typed=f"{PASSWORD}\n")
    assert may_enter("ada", PASSWORD)
    code, said, _ = call("password", "ada", "--password-file", "-", typed="nine foxes in a row\n")
    assert code == 0 and "sessions ended: 1" in said
    assert may_enter("ada", "nine foxes in a row")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("create", "ada", "--password-file", "-"), "12 to 1000 characters"),
        (("create", "local", "--password-file", "-"), "whoever sits at this machine"),
        (("create", "ada", PASSWORD), "unexpected extra argument"),
        (("role", "ada", "admin"), "ada"),
        (("password", "ada", "--password-file", "-"), "ada"),
    ],
)
def test_what_is_wrong_ends_with_2_and_makes_nothing(call, arguments, says) -> None:
    code, _, said = call(*arguments, typed="short\n")
    assert code == 2 and says in said and PASSWORD not in said.replace(f"({PASSWORD})", "")
    with Workspace() as workspace:
        assert workspace.people.accounts() == []
