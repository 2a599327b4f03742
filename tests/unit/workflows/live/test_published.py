"""The file between a watcher and its readers: whole lines, one writer, and nobody is handed an earlier watcher's numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pitwall.domain.project import Project
from pitwall.live.answer import LiveAnswer, LiveError
from pitwall.testing.live.watched import watched
from pitwall.workflows.live.published import Follower, Publisher, head, last_lines, published

RACE = "2023-12"


def publish(project, laps=3, race=RACE):
    made = list(watched(race, laps=laps))
    with Publisher(project, race, source="replay", every="per_lap") as out:
        for answer in made:
            out.say(answer)
    return made, published(project)[race]


def test_what_is_read_is_what_was_said_in_order_then_why_it_ended(tmp_path):
    said, path = publish(Project(tmp_path))
    first, *answers, end = Follower(path).read()
    assert (first.kind, first.said["race"], first.said["source"]) == ("stream", RACE, "replay")
    assert [LiveAnswer.from_json(line.said) for line in answers] == said
    assert [line.number for line in answers] == [1, 2, 3, 4]
    assert end.said == {"why": "finished"}
    assert head(path).said == first.said
    assert last_lines(path) == (answers[-1], end)


def test_a_reader_who_comes_back_reads_what_they_have_not(tmp_path):
    _, path = publish(Project(tmp_path))
    lines = Follower(path).read()
    assert [line.id for line in Follower(path, lines[2].id).read()] == [line.id for line in lines[3:]]
    assert Follower(path, f"{'0' * 12}-2").read() == lines, "the number of an earlier watcher counts for nothing"
    assert Follower(path, "nonsense").read() == lines


def test_a_line_counts_once_it_is_whole(tmp_path):
    project = Project(tmp_path)
    with Publisher(project, RACE, source="replay", every="per_lap") as out:
        follower, (first, *_) = Follower(out.path), watched()
        follower.read()
        out.say(first)
        whole = out.path.read_bytes()
        out.path.write_bytes(whole[:-40])
        assert follower.read() == []
        out.path.write_bytes(whole)
        assert [LiveAnswer.from_json(line.said) for line in follower.read()] == [first]


def test_a_new_watcher_begins_anew_and_its_readers_with_it(tmp_path):
    project = Project(tmp_path)
    _, path = publish(project)
    follower = Follower(path)
    before = follower.read()
    publish(project, laps=1)
    after = follower.read()
    assert [line.kind for line in after] == ["stream", "answer", "answer", "end"]
    assert {line.stream for line in after} != {line.stream for line in before}


def test_one_process_writes_a_race_and_a_name_is_no_path(tmp_path):
    project = Project(tmp_path)
    with (
        Publisher(project, RACE, source="replay", every="per_lap"),
        pytest.raises(LiveError, match="publishes 2023-12 already"),
    ):
        Publisher(project, RACE, source="replay", every="per_lap")
    with pytest.raises(LiveError, match="expected a label"):
        Publisher(project, "../out", source="replay", every="per_lap")
    assert list(published(project)) == [RACE]


def test_a_watcher_that_fails_says_stopped(tmp_path):
    project = Project(tmp_path)
    with pytest.raises(ZeroDivisionError), Publisher(project, RACE, source="replay", every="per_lap") as out:
        _ = 1 / 0
    assert last_lines(out.path)[1].said == {"why": "stopped"}


def test_a_file_that_is_none_is_told(tmp_path):
    path = Path(tmp_path) / "x.jsonl"
    path.write_text(json.dumps({"kind": "answer"}) + "\n")
    with pytest.raises(LiveError, match="cannot be read"):
        Follower(path).read()
