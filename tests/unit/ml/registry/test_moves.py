"""Stages and their words, legal and illegal moves, rollbacks through the history, and who was champion when."""

from datetime import UTC, datetime

import pytest

from pitwall.domain.errors import IllegalMove, PromotionRefused, TrackingError, UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.domain.records.aliases import ALIASES, LEGAL, split_reference, stage_word
from pitwall.ml.registry.champion_tenures import champion_at, reigns, succession
from pitwall.ml.registry.moves import move
from pitwall.ml.registry.references import find_version
from pitwall.ml.registry.rollback import rollback
from pitwall.testing.fakes.versions import NAME, Versions

BY = {"by": "Ada", "note": "worse in the wet"}


@pytest.fixture
def world(tmp_path):
    return Versions(tmp_path)


def _back(world, to=None):
    return rollback(world.registry, world.history, NAME, to=to, **BY)


def _move(world, version, stage):
    return move(world.registry, world.history, world.registry.get(NAME, version), stage, by="Ada", note="a try")


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("None", "candidate"),
        ("development", "candidate"),
        ("STAGING", "staging"),
        ("Production", "champion"),
        ("Archived", "archived"),
        ("champion", "champion"),
        (" previous ", "previous"),
    ],
)
def test_the_stage_words_of_older_registries_are_understood(word, stage):
    assert stage_word(word) == stage


def test_an_unknown_stage_is_refused_with_the_known_ones():
    with pytest.raises(UnknownName, match="did you mean 'production'") as refused:
        stage_word("producton")
    assert all(word in str(refused.value) for word in (*ALIASES, "archived", "development"))


def test_a_reference_is_an_alias_a_word_or_a_number(world):
    world.promote(world.models[0])
    found = {text: find_version(world.registry, Params(), text).version for text in (
        "race_winner@production", "order-pre_race@Champion", "race_winner", "podium@previous", f"{NAME}@3", f"{NAME}@v4",
    )}  # fmt: skip
    assert list(found.values()) == [2, 2, 2, 1, 3, 4]
    with pytest.raises(
        UnknownName, match=r"unknown alias of order-pre_race 'challenger'.*Known: candidate, champion, previous"
    ):
        find_version(world.registry, Params(), "race_winner@challenger")
    with pytest.raises(UsageError, match="name one by its number"):
        split_reference("race_winner@archived")


def test_a_version_goes_through_the_stages_and_holds_one_at_a_time(world):
    assert world.registry.aliases(NAME) == {"candidate": 4}
    for stage in ("staging", "Challenger", "archived", "development"):
        _move(world, 4, stage)
    assert world.registry.aliases(NAME) == {"candidate": 4}
    assert [(row["from"], next(iter(row["stages"].values()))) for row in world.history.rows()] == [
        ("candidate", "staging"),
        ("staging", "challenger"),
        ("challenger", "archived"),
        ("archived", "candidate"),
    ]
    assert world.found() == []


@pytest.mark.parametrize(
    ("version", "stage", "legal"),
    [
        (2, "staging", "only the promotion of another version or a rollback moves it"),
        (2, "archived", "only the promotion of another version"),
        (3, "champion", "it may become: candidate, staging, challenger, archived"),
        (3, "previous", "it may become: candidate, staging, challenger, archived"),
        (4, "candidate", "it may become: staging, challenger, champion, archived"),
    ],
)
def test_an_illegal_move_is_refused_and_the_legal_ones_are_named(world, version, stage, legal):
    world.promote(world.models[0])
    before = world.kinds()
    with pytest.raises(IllegalMove, match=legal):
        _move(world, version, stage)
    assert world.kinds() == before


def test_every_stage_has_its_line_in_the_table_and_nobody_is_stuck():
    assert set(LEGAL) == {*ALIASES, "archived", "registered"}
    reached = {target for targets in LEGAL.values() for target in targets}
    assert reached == {"candidate", "staging", "challenger", "champion", "archived"}


def test_a_rollback_restores_the_last_champion_archives_the_bad_one_and_bars_it(world):
    world.promote(world.models[0])
    world.promote(world.models[1])
    made = _back(world)
    assert (made.version, made.previous, made.by, made.why) == (2, 3, "Ada", "worse in the wet")
    assert world.registry.aliases(NAME) == {"candidate": 4, "champion": 2, "previous": 1}
    assert world.registry.get(NAME, 3).tags["pitwall.stage"] == "archived"
    with pytest.raises(PromotionRefused, match="archived; offer it again first"):
        world.promote(world.models[1])
    _move(world, 3, "candidate")
    assert world.promote(world.models[1]).version == 3


def test_rollbacks_go_back_one_by_one_or_to_a_version_that_was_champion(world):
    for model in world.models:
        world.promote(model)
    assert [_back(world).version for _ in range(3)] == [3, 2, 1]
    with pytest.raises(UsageError, match="version 1 is the first champion"):
        _back(world)
    assert _back(world, to=3).version == 3
    assert succession(world.history.rows()) == [3]
    assert world.registry.aliases(NAME) == {"champion": 3}
    assert world.found() == []


def test_a_rollback_to_a_version_over_others_archives_them_too(world):
    for model in world.models:
        world.promote(model)
    _back(world, to=2)
    assert world.registry.aliases(NAME) == {"champion": 2, "previous": 1}
    stages = [entry.tags.get("pitwall.stage") for entry in world.registry.versions(NAME)]
    assert stages == ["active", "active", "archived", "archived"]


def test_a_rollback_to_who_was_never_champion_or_without_a_note_is_refused(world):
    with pytest.raises(UsageError, match="has no champion"):
        _back(world)
    world.promote(world.models[0])
    with pytest.raises(UsageError, match="version 4 of order-pre_race was never champion .* those that were: 1"):
        _back(world, to=4)
    with pytest.raises(UsageError, match="a note that says why"):
        rollback(world.registry, world.history, NAME, by="Ada", note=" ")
    assert world.holder() == 2


def test_a_rollback_to_a_version_whose_files_are_gone_leaves_the_champion(world, monkeypatch):
    world.promote(world.models[0])

    def gone(_model, _version):
        raise TrackingError("the files are gone")

    monkeypatch.setattr(world.registry, "fetch", gone)
    with pytest.raises(TrackingError, match="gone"):
        _back(world)
    assert (world.holder(), world.kinds()) == (2, ["baseline", "promoted"])


def test_who_was_champion_when_is_read_from_the_history():
    times = ["2024-05-01T00:00:00+00:00", "2024-05-03T00:00:00+00:00", "2024-05-05T00:00:00+00:00"]
    rows = [
        {"kind": kind, "version": version, "at": at, "by": "x", "why": "y", "seq": seq}
        for seq, (kind, version, at) in enumerate(
            zip(["baseline", "promoted", "rolled_back"], [1, 2, 1], times, strict=True)
        )
    ]
    asked = [datetime(2024, 5, day, 12, tzinfo=UTC) for day in (1, 3, 4, 5)]
    assert [champion_at(rows, at).version for at in asked] == [1, 2, 2, 1]
    assert champion_at(rows, datetime(2024, 4, 30, tzinfo=UTC)) is None
    assert [reign.until for reign in reigns(rows)] == [times[1], times[2], None]
