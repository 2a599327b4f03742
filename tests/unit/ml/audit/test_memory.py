"""What a shared check has passed is not asked again by another process, as long as every byte that it follows from is the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.ml.audit import _audit, _memory
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import Finding
from pitwall.ml.audit._subject import QUICK, Audited, Subject
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """A project, and a shared check that counts how often it is asked: what it objects to is the list."""
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    calls: list[str] = []
    objects: list[Finding] = []

    def run(audited):
        calls.append(audited.group.name)
        return list(objects)

    def ask(group, tables, stage="pre_race", follows="data"):
        _audit._ANSWERED.clear()  # as in another process
        check = Check("counting", "", "", "", run, follows=follows)
        _audit.ask(check, Audited(group, Subject(tables, Params(), stage, QUICK)))
        return len(calls)

    return ask, objects


def test_the_same_bytes_are_asked_once_and_others_again(asked, monkeypatch):
    ask, _ = asked
    group, tables = groups()["driver_form"], tiny_tables(2, 5, 6)
    assert [ask(group, tables), ask(group, tables)] == [1, 1]
    results = tables["results"]
    other = tables.replace(results=results.assign(points=results["points"] + 1))
    assert ask(group, other) == 2
    assert ask(groups()["team_form"], tables) == 3
    monkeypatch.setattr(_memory, "code", lambda: "another")
    assert ask(group, tables) == 4


@pytest.mark.parametrize(("follows", "calls"), [("data", 1), ("stage", 2), ("frame", 3)])
def test_another_stage_or_model_asks_again_where_the_answer_follows_from_it(asked, follows, calls):
    ask, _ = asked
    group, tables = groups()["driver_form"], tiny_tables(2, 5, 6)
    stages = ("pre_race", "pre_weekend", "pre_race")
    assert [ask(group, tables, stage, follows) for stage in stages][-1] == calls


def test_what_is_objected_to_is_looked_at_each_time(asked):
    ask, objects = asked
    objects.append(Finding("counting", "finding", "driver_form", "driver_starts", 1, {}, "knows too much"))
    group, tables = groups()["driver_form"], tiny_tables(2, 5, 6)
    assert [ask(group, tables), ask(group, tables)] == [1, 2]


def test_a_group_that_does_not_ship_is_asked_each_time(asked):
    ask, _ = asked
    group, tables = groups()["driver_form"], tiny_tables(2, 5, 6)
    ask(group, tables)
    planted = replace(group, reach="all" if group.reach != "all" else "race")
    assert [ask(planted, tables), ask(planted, tables)] == [2, 3]


def test_old_states_make_room(asked, tmp_path):
    ask, _ = asked
    folder = tmp_path / ".pitwall" / "audits"
    for number in range(_memory.KEPT + 3):
        (folder / f"old{number}").mkdir(parents=True)
    ask(groups()["driver_form"], tiny_tables(2, 5, 6))
    assert len(list(folder.iterdir())) == _memory.KEPT
