"""The list of what `.pitwall/` holds knows every name that the package writes there, and what is left out is what can be made again."""

from __future__ import annotations

import re
from pathlib import Path

import pitwall
from pitwall.domain.project import Project
from pitwall.domain.records.local_state import ENTRIES, entry, is_kept

SOURCE = Path(pitwall.__file__).parent
WRITTEN = re.compile(r"(?:\.state|_state\(project\)) / (?:\"([^\"/]+)\"|([A-Z]+))")


def names_in(text: str) -> set[str]:
    """Return what a module names directly below the local state, by a text or by a constant of its own."""
    said = WRITTEN.findall(text)
    constants = {name: re.search(rf"^(?:.*, )?{name} = \"([^\"]+)\"", text, re.MULTILINE) for _, name in said if name}
    return {plain for plain, _ in said if plain} | {found[1] for found in constants.values() if found}


def test_every_name_that_the_package_writes_is_known():
    found = set().union(*(names_in(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")))
    assert {
        "features",
        "logs",
        "project.lock",
        "prefect.port",
        "spool",
        "input_log",
        "queries.json",
        "pitwall.db",
    } <= found
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
