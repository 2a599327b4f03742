"""`pitwall token`, `backup` and `restore` as a person meets them: a token is shown once, what is wrong ends with 2, JSON has standard output.

One file, because a restore is seen by the tokens that are there again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pitwall.cli import main
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.workflows.workspace import Workspace


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which nothing was run."""
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run `pitwall ARGUMENTS`; return its exit code, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pitwall", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), *capsys.readouterr()

    return run


def answer(done: tuple[int, str, str]) -> Any:
    assert done[0] == 0, done
    return json.loads(done[1])


def who(text: str) -> Any:
    with Workspace() as workspace:
        return workspace.accounts.who(text)


def test_a_token_is_shown_when_it_is_made_and_never_again(call) -> None:
    made = answer(
        call("token", "create", "ada", "--scope", "metrics", "--tier", "team", "--expires", "3", "--json", "-")
    )
    assert who(made["text"]).scopes == {"metrics"}
    assert (made["tier"], made["expires"] > made["created"]) == ("team", True)
    code, said, _ = call("token", "create", "ben")
    assert code == 0
    text = said.split("\n")[0]
    assert who(text).scopes == {"read", "predict"}
    listed = call("token", "list", "--json", "-")
    assert [each["owner"] for each in answer(listed)] == ["ada", "ben"]
    shown = "".join(map(str, (*listed, *call("token", "list"))))
    for secret in (made["text"], text):
        assert secret.split("_", 2)[2] not in shown


def test_rotate_and_revoke(call) -> None:
    old = answer(call("token", "create", "ada", "--json", "-"))
    new = answer(call("token", "rotate", old["id"], "--json", "-"))
    assert who(old["text"]), "a day of grace"
    newest = answer(call("token", "rotate", new["id"], "--grace", "0", "--json", "-"))
    assert who(new["text"]) is None
    assert call("token", "revoke", newest["id"])[0] == 0
    assert who(newest["text"]) is None
    states = [each["state"] for each in answer(call("token", "list", "--json", "-"))]
    assert sorted(states) == ["expired", "revoked", "valid"]


def test_tiers_are_shown_and_set_whole(call) -> None:
    code, said, _ = call("token", "tier", "free", "--per-day", "5", "--job-hours", "0.5", "--deployed", "2")
    assert code == 0
    shown = [line.split() for line in said.splitlines() if line.strip().startswith("free")]
    assert shown == [["free", "none", "none", "5", "none", "0.5", "none", "2", "no"]]
    told = {each["name"]: each for each in answer(call("token", "tiers", "--json", "-"))}
    assert set(told) == {"free", "local", "pro", "team"}
    assert (told["pro"]["job_hours"], told["pro"]["dataset_mb"], told["pro"]["jobs_per_day"]) == (8, 5000, None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("create", "ada", "--scope", "reed"), "did you mean 'read'"),
        (("create", "ada", "--scope", "admin"), "reserved"),
        (("create", "ada", "--tier", "tem"), "did you mean 'team'"),
        (("revoke", "zz"), "unknown token 'zz'"),
        (("rotate", "zz", "--grace", "-1"), "--grace"),
        (("tier", "free", "--burst", "2"), "give both"),
        (("tier", "free", "--job-hours", "0"), "above 0"),
        (("tier", "free", "--deployed", "0"), "--deployed"),
    ],
)
def test_what_cannot_be_ends_with_2_and_says_what_can(call, arguments, says) -> None:
    code, _, error = call("token", *arguments)
    assert code == 2
    assert says in error


def test_a_backup_brings_the_tokens_back_into_another_project(call, project, tmp_path_factory, monkeypatch) -> None:
    text = answer(call("token", "create", "ada", "--json", "-"))["text"]
    made = answer(call("backup", "state.tar.gz", "--json", "-"))
    assert set(made["files"]) == {"pitwall.db"}
    assert call("restore", "state.tar.gz")[0] == 2, "it would go over what is there"
    other = tmp_path_factory.mktemp("other")
    for name in ("dvc.yaml", "params.yaml"):
        (other / name).write_text("{}\n")
    monkeypatch.setenv("PITWALL_HOME", str(other))
    assert answer(call("restore", str(project / "state.tar.gz"), "--json", "-"))["before"] is None
    assert who(text).owner == "ada"
    code, said, _ = call("restore", str(project / "state.tar.gz"), "--force")
    assert code == 0
    assert "what was there is kept as" in said
    (project / "state.tar.gz").write_bytes(b"x" * 100)
    assert call("restore", str(project / "state.tar.gz"), "--force")[0] == 1


def test_accounts_that_lie_elsewhere_are_said_not_to_be_in_the_archive(call, project, monkeypatch) -> None:
    monkeypatch.setenv(ACCOUNTS_VARIABLE, f"sqlite:///{project}/elsewhere.db")
    (project / ".pitwall").mkdir()
    made = answer(call("backup", "state.tar.gz", "--json", "-"))
    assert made["files"] == {}
    assert made["accounts_elsewhere"].endswith("/elsewhere.db")
