"""What a project notes of its jobs: whoever starts one twice finds one, and no id leads out of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.processes.identity import this_process
from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.workflows.jobs import notes

ONE, OTHER = "0" * 8 + "-0000-0000-0000-" + "0" * 12, "1" * 8 + "-0000-0000-0000-" + "0" * 12


def test_a_job_is_noted_once_and_the_newest_comes_first(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = notes.started(project, ONE, "order", "dnf", {"order": "question: dnf\n"})
    assert notes.started(project, ONE, "order", "another", {}) == first
    notes.started(project, OTHER, "deploy", "my_dnf", {})
    assert [each.id for each in notes.notes(project)] == [OTHER, ONE]
    assert notes.notes(Project(tmp_path / "empty")) == []


def test_process_result_and_marks_are_read_as_they_were_written(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert notes.process(project, ONE) == ""
    assert notes.result(project, ONE) == {}
    assert notes.since(project, ONE, notes.CANCELLED) is None
    notes.begun(project, ONE)
    notes.ended(project, ONE, {"draft": "dnf_01234567-pre_race"})
    notes.marked(project, ONE, notes.CANCELLED)
    assert notes.process(project, ONE) == this_process()
    assert notes.result(project, ONE)["draft"] == "dnf_01234567-pre_race"
    assert notes.since(project, ONE, notes.CANCELLED) is not None


@pytest.mark.parametrize("number", ["", "../../etc/passwd", "0" * 36 + "/..", "X" * 36, "<script>"])
def test_what_is_no_id_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(UsageError, match="is no job"):
        notes.note(Project(tmp_path), number)
