"""DVC behind its port: recorded hashes, what is stale, failures that carry the stage's words, never inside a stage."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from pitwall.adapters.dvc_repo import DvcRepo
from pitwall.domain.errors import StageError
from pitwall.domain.project import Project

pytestmark = pytest.mark.slow

PIPELINE = """
stages:
  ingest:
    cmd: echo fetching && mkdir -p data && cp source.txt data/raw.txt
    deps: [source.txt]
    outs: [data/raw.txt]
  tables:
    cmd: grep good data/raw.txt > data/tables.txt || (echo "no good row found" >&2; exit 1)
    deps: [data/raw.txt]
    outs: [data/tables.txt]
"""


@pytest.fixture
def repo(tmp_path: Path) -> DvcRepo:
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "source.txt").write_text("good\n")
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    return DvcRepo(Project(tmp_path))


def test_reproduce_brings_up_to_date_once_and_streams_what_stages_say(
    repo: DvcRepo, caplog: pytest.LogCaptureFixture
) -> None:
    assert repo.hashes() == {}
    assert repo.stale(["ingest", "tables"]) == ["ingest", "tables"]
    with caplog.at_level(logging.INFO, "pitwall"):
        assert repo.reproduce(["tables"])
    assert "fetching" in caplog.messages
    assert set(repo.hashes()) == {"data/raw.txt", "data/tables.txt"}
    assert repo.stale(["ingest", "tables"]) == []
    assert not repo.reproduce(["tables"])


def test_force_runs_just_that_stage(repo: DvcRepo, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    repo.reproduce(["tables"])
    caplog.clear()
    with caplog.at_level(logging.INFO, "pitwall"):
        assert not repo.reproduce(["ingest"], force=True)
    assert "Running stage 'ingest':" in caplog.messages
    assert not any("tables" in message for message in caplog.messages)


def test_a_failed_stage_says_why(repo: DvcRepo, tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text("bad\n")
    with pytest.raises(StageError, match="no good row found"):
        repo.reproduce(["tables"])


def test_a_stage_run_outside_is_recorded(repo: DvcRepo, tmp_path: Path) -> None:
    repo.reproduce(["ingest"])
    (tmp_path / "data" / "tables.txt").write_text("good\n")
    assert repo.stale(["tables"]) == ["tables"]
    repo.commit("tables")
    assert repo.stale(["tables"]) == []


def test_dvc_never_runs_inside_a_stage(repo: DvcRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", "tables")
    with pytest.raises(StageError, match="inside its own stage 'tables'"):
        repo.reproduce(["tables"])
    with pytest.raises(StageError, match="'tables'"):
        repo.stale(["tables"])
