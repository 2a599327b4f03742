"""The list of what `.pitwall/` holds knows every name that the package writes there, and what is left out is what can be made again."""

from __future__ import annotations

import re
from pathlib import Path

import pitwall
from pitwall.domain.project import Project
from pitwall.domain.records.local_state import ENTRIES, entry, is_kept

SOURCE = Path(pitwall.__file__).parent
WRITTEN = re.compile(r"(?:\.state|_state\(project\)) / \"([^\"/]+)\"")


def test_every_name_that_the_package_writes_is_known():
    found = {name for path in SOURCE.rglob("*.py") for name in WRITTEN.findall(path.read_text(encoding="utf-8"))}
    assert {"features", "logs", "project.lock", "prefect.port"} <= found
    assert sorted(name for name in found if entry(name) is None) == []


def test_a_name_is_one_thing():
    names = [each.name for each in ENTRIES]
    assert len(names) == len(set(names))
    for each in ENTRIES:
        assert entry(each.name.replace("*", "x")) == each, "an entry before it would hide it"


def test_what_is_kept_and_what_is_not():
    project = Project(Path("/p"))
    for path in (project.accounts, project.alerts, project.state / "spool/run/calls.jsonl", project.state / "new"):
        assert is_kept(path.relative_to(project.state).as_posix())
    for path in (project.code, project.unlisted_frame("a-pre_race"), project.state / "spool/.append.lock"):
        assert not is_kept(path.relative_to(project.state).as_posix())
