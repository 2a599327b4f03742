"""A session follows a race of the data lap by lap, takes commands, and goes on after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.live.control import Control
from pitwall.testing.live.project import live_project
from pitwall.workflows.live.watch import races_with_laps, watch
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

MODELS = ("pit_within",)
RACE = "2022-02"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    project = live_project(tmp_path_factory.mktemp("live"), models=MODELS)
    with Workspace(project, params=Params()) as opened:
        yield opened


def test_each_lap_of_the_leader_is_answered_once_and_the_rule_answers_without_a_champion(workspace: Workspace) -> None:
    told = list(watch(workspace, race=RACE, models=MODELS))
    assert [each.lap for each in told if not each.notes] == [*range(1, 7), 6]
    assert told[-1].state == "finished"
    assert {each.revision for each in told} == {1}
    assert told[-1].provenance == {"pit_within": "baseline tyre_age_rate"}
    running = [car for car in told[4].cars if not car.out and car.laps]
    assert all(0 < car.answers["pit_within"] < 1 for car in running)
    assert [car.place for car in running] == list(range(1, len(running) + 1))


def test_a_lap_can_be_sought_in_both_directions(workspace: Workspace) -> None:
    hand, laps = Control(), []
    for answer in watch(workspace, race=RACE, models=MODELS, control=hand):
        laps.append(answer.lap)
        if laps == [1, 2]:
            hand.seek(5)
        if laps == [1, 2, 5]:
            hand.seek(3)
        if laps[-2:] == [3, 4]:
            hand.stop()
    assert laps == [1, 2, 5, 3, 4]


def test_what_was_told_before_a_session_ended_is_not_told_again(workspace: Workspace, tmp_path: Path) -> None:
    hand, state, laps = Control(), tmp_path / "state.jsonl", []
    for answer in watch(workspace, race=RACE, models=MODELS, state=state, control=hand):
        laps.append(answer.lap)
        if answer.lap == 3:
            hand.stop()
    state.write_bytes(state.read_bytes() + b'{"event": {"kind"')  # a kill in the midst of a line
    again = [each.lap for each in watch(workspace, race=RACE, models=MODELS, state=state) if not each.notes]
    assert laps == [1, 2, 3]
    assert again == [*range(4, 7), 6]


def test_wishes_that_cannot_be_are_refused(workspace: Workspace) -> None:
    with pytest.raises(UnknownName, match="replay"):
        watch(workspace, source="reply", race=RACE)
    with pytest.raises(UnknownName, match="per_lap"):
        watch(workspace, race=RACE, every="per_laps")
    with pytest.raises(UsageError, match="needs a race"):
        watch(workspace)


def test_races_with_laps_are_listed_newest_first(workspace: Workspace) -> None:
    assert races_with_laps(workspace)[0] == (RACE, "Grand Prix 2")
