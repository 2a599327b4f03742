"""A history that was changed is found out, and the row is named; a crash at any write leaves nothing half done."""

import json

import pytest

from pitwall.adapters.promotion_history import PromotionHistory, history_file
from pitwall.domain.errors import UsageError
from pitwall.domain.records.chain import GENESIS, canonical, digest, parse, sealed
from pitwall.ml.registry import recover
from pitwall.ml.registry.moves import move
from pitwall.ml.registry.rollback import rollback
from pitwall.testing import FakeRegistry
from pitwall.testing.fakes.versions import NAME, Killed, Versions, passed


@pytest.fixture
def world(tmp_path):
    """Five rows: baseline, promoted 2, promoted 3, refused 4, approved 4."""
    made = Versions(tmp_path)
    made.promote(made.models[0])
    made.promote(made.models[1])
    with pytest.raises(Exception, match="too slow"):
        made.promote(made.models[2], passed(latency="too slow"))
    with made.history.locked():
        row = made.history.append("approved", {"model": NAME, "version": 4, "by": "Ada", "why": "read it"})
        made.history.settle(row)
    return made


def test_a_history_that_nobody_touched_is_whole_and_each_row_follows_from_the_one_before(world):
    assert world.found() == []
    rows = world.history.rows()
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["prev"] for row in rows] == [GENESIS, *(row["hash"] for row in rows[:-1])]
    assert all(canonical(row) == line for row, line in zip(rows, world.lines(), strict=True))
    assert world.registry.model_tags(NAME)["pitwall.history_head"] == f"5 {rows[-1]['hash']}"


def _edit(line, **changes):
    return canonical({**parse(line), **changes})


def _rehash(line, **changes):
    row = {**parse(line), **changes}
    return canonical({**row, "hash": digest(row)})


def _anew(lines):
    """Write all rows anew from the second on, with another reason there: a chain without a flaw."""
    rows = [parse(lines[0])]
    for line in lines[1:]:
        row = {**parse(line), "why": "all gates passed, really"}
        rows.append(sealed(row, row["seq"], rows[-1]["hash"]))
    return [canonical(row) for row in rows]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [lines[0], _edit(lines[1], by="nobody"), *lines[2:]], "row 2 (promoted order-pre_race version 2) was edited"),
        (lambda lines: [lines[0], _rehash(lines[1], by="nobody"), *lines[2:]], "row 3 (promoted order-pre_race version 3) does not follow from row 2"),
        (lambda lines: [lines[0], lines[1].replace(":", ": ", 1), *lines[2:]], "row 2 (promoted order-pre_race version 2) was edited"),
        (lambda lines: [*lines[:2], *lines[3:]], "row 3 is missing before row 4"),
        (lambda lines: lines[1:], "row 1 is missing before row 2"),
        (lambda lines: [lines[0], *lines[3:]], "rows 2 to 3 are missing before row 4"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "row 2 (promoted order-pre_race version 2) stands after row 3"),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], "row 2 (promoted order-pre_race version 2) stands after row 2"),
        (lambda lines: lines[:-1], "row 5 about order-pre_race, which the registry remembers, is cut off the end"),
        (lambda lines: [], "row 5 about order-pre_race, which the registry remembers, is cut off the end"),
        (_anew, "row 5 is not the one about order-pre_race that the registry remembers"),
        (lambda lines: [*lines[:-1], _rehash(lines[-1], by="Grace")], "row 5 is not the one about order-pre_race"),
        (lambda lines: [*lines, canonical(sealed(parse(lines[1]), 6, parse(lines[-1])["hash"]))], "row 6 (promoted order-pre_race version 2) was never announced"),
        (lambda lines: [*lines[:3], "who was here?", *lines[3:]], "line 4 is no row of the chain: 'who was here?'"),
    ],
)  # fmt: skip
def test_a_changed_history_is_found_out_and_named(world, change, said):
    world.rewrite(change(world.lines()))
    assert [reason for reason in world.found() if said in reason], world.found()


def test_what_was_found_once_is_never_forgotten_though_the_history_goes_on(world):
    world.rewrite(world.lines()[:3])
    world.promote(world.models[2])
    assert world.kinds()[3:] == ["broken", "promoted"]
    assert [row["seq"] for row in world.history.rows()][3:] == [6, 7], "the gap stays a gap"
    assert any("rows 4 to 5 are missing" in reason for reason in world.found())
    assert any("records a break found at" in reason and "cut off the end" in reason for reason in world.found())
    move(world.registry, world.history, world.models[0], "candidate", by="Ada", note="again")
    assert world.kinds().count("broken") == 1, "each break is recorded once"


def test_a_changed_history_is_not_believed_by_itself_when_a_champion_is_sought(world):
    world.rewrite([line.replace('"version":2', '"version":4') for line in world.lines()])
    with pytest.raises(UsageError, match=r"the history was changed \(row 2 .* was edited.*--to V"):
        rollback(world.registry, world.history, NAME, by="Ada", note="worse")
    assert rollback(world.registry, world.history, NAME, to=1, by="Ada", note="worse").version == 1


def test_a_line_that_says_nothing_stops_nobody(world):
    nobody = sealed({**parse(world.lines()[1]), "version": 9}, 6, GENESIS)
    world.rewrite([*world.lines(), '{"hello":1}', canonical({key: nobody[key] for key in nobody if key != "version"})])
    world.promote(world.models[2])
    assert any("line 6 is no row of the chain" in reason for reason in world.found())


def test_a_forged_row_is_not_carried_out(world):
    forged = sealed({**parse(world.lines()[1]), "stages": {"4": "champion"}}, 6, parse(world.lines()[-1])["hash"])
    world.rewrite([*world.lines(), canonical(forged)])
    assert recover(world.registry, world.history) is None
    assert world.holder() == 3


def test_another_database_is_told_from_an_edited_history(world):
    history = PromotionHistory(world.project, FakeRegistry())
    assert [each.reason for each in history.verify()] == [
        "the registry remembers no row about order-pre_race, and 5 stand here: its database is another one"
    ]


def _promote(world, way):
    world.registry, world.history, kept = way, way.history, (world.registry, world.history)
    try:
        world.promote(world.models[2])
    finally:
        world.registry, world.history = kept


STEPS = {
    "promote": _promote,
    "roll back": lambda world, way: rollback(way, way.history, NAME, by="Ada", note="worse"),
    "move": lambda world, way: move(way, way.history, world.models[2], "challenger", by="Ada", note="try it"),
}


@pytest.mark.parametrize("action", STEPS)
def test_a_kill_at_any_write_leaves_all_or_nothing(tmp_path, action):
    """Count the writes of the whole action, then die before each of them in a world of its own."""
    done = _acted(tmp_path / "whole", action, at=0)
    after, before = _state(done[0]), _state(_world(tmp_path / "before"))
    assert done[1] > 4
    outcomes = set()
    for at in range(1, done[1] + 1):
        world, _ = _acted(tmp_path / str(at), action, at)
        recover(world.registry, world.history)
        assert _state(world) in (before, after), f"half done after a kill before write {at}"
        assert world.found() == []
        assert recover(world.registry, world.history) is None
        outcomes.add(_state(world) == after)
        recovered = len(world.lines())
        move(world.registry, world.history, world.baseline, "staging", by="Ada", note="goes on")
        assert (len(world.lines()), world.found()) == (recovered + 1, [])
    assert outcomes == {True, False}


def _world(root):
    root.mkdir()
    world = Versions(root)
    world.promote(world.models[0])
    world.promote(world.models[1])
    move(world.registry, world.history, world.baseline, "candidate", by="Ada", note="a known start")
    return world


def _acted(root, action, at):
    world = _world(root)
    way = world.dying(at)
    try:
        STEPS[action](world, way)
    except Killed:
        assert at, "nobody asked it to die"
    return world, way.writes


def _state(world):
    kinds = [row["kind"] for row in world.history.rows()]
    tags = [dict(entry.tags) for entry in world.registry.versions(NAME)]
    stages = [each.get("pitwall.stage") for each in tags]
    return json.dumps([kinds, world.registry.aliases(NAME), stages, [each.get("promotion.kind") for each in tags]], sort_keys=True)  # fmt: skip


def test_a_line_torn_by_a_crash_is_told_and_then_cut_off(world, caplog):
    with history_file(world.project).open("a") as stream:
        stream.write('{"kind": "prom')
    assert any("the last line is torn" in reason for reason in world.found())
    world.promote(world.models[2])
    assert "was torn by a crash and is cut off" in caplog.text
    assert (world.kinds()[-1], world.found()) == ("promoted", [])


def test_a_last_line_that_only_lacks_its_end_is_kept(world):
    path = history_file(world.project)
    path.write_text(path.read_text().rstrip("\n"))
    world.promote(world.models[2])
    assert (len(world.lines()), world.found()) == (6, [])


def test_an_unchained_history_of_an_older_project_is_chained_and_says_so(world):
    old = [
        {key: row[key] for key in row if key not in {"seq", "prev", "hash", "stages"}}
        for row in world.history.rows()[:3]
    ]
    registry = world.registry
    registry.tags.clear()
    world.rewrite([json.dumps(row) for row in old])
    assert world.found() == [
        "3 rows of an older project are not chained: nothing shows whether they were changed; the next promotion chains them"
    ]
    world.promote(world.models[2])
    rows = world.history.rows()
    assert [row["kind"] for row in rows] == ["migrated", "baseline", "promoted", "promoted", "promoted"]
    assert "nobody can say whether they were changed" in rows[0]["why"]
    assert [row.get("migrated", False) for row in rows] == [False, True, True, True, False]
    assert (history_file(world.project).with_name("promotions.unchained.jsonl").read_text().count("\n"), world.found()) == (3, [])  # fmt: skip
    assert rollback(registry, world.history, NAME, by="Ada", note="as it was").version == 3


def test_numbers_that_json_lacks_are_written_as_words(world):
    with world.history.locked():
        row = world.history.append("refused", {"model": NAME, "version": 4, "by": "x", "why": "y", "verdicts": [{"measured": float("inf")}]})  # fmt: skip
        world.history.settle(row)
    assert world.history.rows()[-1]["verdicts"] == [{"measured": "inf"}]
    assert world.found() == []
