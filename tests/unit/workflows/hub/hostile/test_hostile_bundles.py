"""Hostile bundles of every known kind, each refused by its name: no process, no file outside of quarantine, nothing read unsigned."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from pitwall.domain.project import Project
from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.bundles.hostile import Hostile, hostile_bundles
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.opening import contents, json_text
from pitwall.workflows.hub.opening.refusal import REASONS, BundleRefused
from pitwall.workflows.hub.receiving import quarantine, receive, refused

SYSTEM = {subprocess: ("Popen",), os: ("fork", "posix_spawn", "posix_spawnp", "execv", "execve", "system", "popen")}


@pytest.fixture(scope="module")
def hostile(ada: Signer, mallory: Signer) -> list[Hostile]:
    return list(hostile_bundles(ada, mallory))


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was started; nothing is."""
    started: list[str] = []
    for module, names in SYSTEM.items():
        for name in names:
            monkeypatch.setattr(module, name, lambda *_, _name=name, **__: started.append(_name) or 1 / 0)
    return started


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which files of a bundle a reader of some format was given."""
    read: list[str] = []

    def counted(name: str, content: bytes) -> None:
        read.append(name)
        look(name, content)

    def parsed(name: str, content: bytes) -> object:
        read.append(name)
        return json_text.parsed_json(name, content)

    look = contents.see_file
    monkeypatch.setattr(contents, "see_file", counted)
    monkeypatch.setattr(receiving, "parsed_json", parsed)
    return read


def test_every_hostile_bundle_is_refused_by_name(
    project: Project, tmp_path: Path, hostile: list[Hostile], processes: list[str], reads: list[str]
) -> None:
    before, wrong = _tree(tmp_path), {}
    for number, case in enumerate(hostile):
        reads.clear()
        said = _reason(project, tmp_path, case, number)
        if said != case.reason or (reads and not case.parsed):
            wrong[case.name] = (case.reason, said, list(reads))
    assert wrong == {}
    assert processes == []
    added = {path for path in _tree(tmp_path) - before if quarantine(project) not in (path, *path.parents)}
    assert added <= {tmp_path / "given", quarantine(project).parent, *(tmp_path / "given").iterdir()}
    assert {each.name for each in quarantine(project).rglob("*") if each.is_file()} <= {"bundle.zip", "refused.json"}


def test_the_cases_are_many_of_each_kind_and_all_different(hostile: list[Hostile]) -> None:
    assert len({case.content for case in hostile}) == len(hostile) > 100
    kinds = Counter(case.reason for case in hostile)
    assert set(REASONS) - set(kinds) == {"model"}  # what only the loader sees: test_receiving.py
    assert {kind for kind, count in kinds.items() if count < 2} <= {"too_large", "list_of_files"}


def test_an_honest_bundle_would_be_read(
    project: Project, tmp_path: Path, ada: Signer, processes: list[str], reads: list[str]
) -> None:
    """The counts of the tests above are not zero because nothing is counted."""
    with pytest.raises(ZeroDivisionError):
        _reason(project, tmp_path, Hostile("honest", "", honest_bundle(ada)), 0)
    assert processes == ["Popen"]
    assert {"bundle.json", "card.md", "model/recipe.json"} <= set(reads)


def test_a_refused_bundle_stays_with_its_reason(project: Project, tmp_path: Path, hostile: list[Hostile]) -> None:
    case = next(each for each in hostile if each.reason == "link")
    _reason(project, tmp_path, case, 0)
    (row,) = refused(project)
    assert (row["reason"], row["from"]) == ("link", "0.zip")
    assert (quarantine(project) / row["bundle"] / "bundle.zip").read_bytes() == case.content


def _reason(project: Project, tmp_path: Path, case: Hostile, number: int) -> str:
    file = tmp_path / "given" / f"{number}.zip"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(case.content)
    try:
        receive(project, file)
    except BundleRefused as error:
        return error.reason
    return "taken"


def _tree(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))
