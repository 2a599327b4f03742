"""A race to loop over: nothing is read before the loop, each loop begins anew, and wrong words are told with near ones."""

from __future__ import annotations

import pytest

import pitwall as pw
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.testing.live.watched import watched
from pitwall.workflows.live import followed
from pitwall.workflows.notebook.model import LoadedModel
from pitwall.workflows.workspace import Workspace

RACE = "2023-12"
ANSWERS = list(watched(RACE, laps=5))


@pytest.fixture
def asked(monkeypatch):
    made = []

    def watch(_workspace, **wishes):
        made.append(wishes)
        yield from ANSWERS

    monkeypatch.setattr(followed, "watch", watch)
    return made


def workspace(tmp_path):
    return Workspace(Project(tmp_path))


def test_a_loop_yields_the_answers_and_each_loop_begins_anew(tmp_path, asked):
    stream = pw.follow(RACE, speed=30.0, models=["in_race"], workspace=workspace(tmp_path))
    assert asked == []
    with pytest.raises(UsageError, match="nothing was said"):
        stream.figure()
    assert list(stream) == ANSWERS == list(stream)
    assert len(asked) == 2 and asked[0]["control"] is not asked[1]["control"]
    assert (asked[0]["race"], asked[0]["speed"], asked[0]["models"]) == (RACE, 30.0, ("in_race",))
    assert stream.figure().axes


def test_a_model_streams_its_own_answers_or_those_of_the_one_that_has_its_question(tmp_path, asked):
    for name, models in (
        ("in_race-in_race", ("in_race",)),
        ("lap_time-in_race", ("lap_time",)),
        ("order-pre_race", ("in_race",)),
    ):
        model = LoadedModel(name, workspace(tmp_path))
        assert list(model.connect_to_stream("replay", "per_lap", race=RACE)) == ANSWERS
        assert asked[-1]["models"] == models
    with pytest.raises(UsageError, match=r"dnf answers dnf, .* within races answer: .*in_race"):
        LoadedModel("dnf-pre_race", workspace(tmp_path)).connect_to_stream("replay", race=RACE)


def test_wrong_words_are_told_at_once(tmp_path, asked):
    tools = workspace(tmp_path)
    with pytest.raises(UnknownName, match="did you mean 'replay'"):
        pw.follow(RACE, source="replai", workspace=tools)
    with pytest.raises(UnknownName, match="did you mean 'per_lap'"):
        pw.follow(RACE, every="per_lapp", workspace=tools)
    with pytest.raises(UsageError, match="needs a race"):
        pw.follow(workspace=tools)
    assert asked == []
