"""A running test of two versions is told on the page with what may be said and who was shown what; one that has ended is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.records.ab_rows import DeclaredTest, start_row, stop_row
from pitwall.workflows.monitoring.running import running
from pitwall.workflows.workspace import Workspace

MODEL, BEGAN = "order-pre_race", "2024-03-01T10:00:00+00:00"
TEST = DeclaredTest(MODEL, 2, 3, 0.25, "race_winner", "log_loss", 1.0, 0.05, "salt", "")


def rows() -> list[dict[str, Any]]:
    """Return a test that was declared, and a race that both versions forecast, of which the challenger said it better."""
    found = [{**start_row(TEST, "Ada", "try it"), "at": BEGAN, "hash": "a" * 64, "seq": 1}]
    for role, version, loss in (("champion", 2, 1.5), ("challenger", 3, 1.25)):
        about = {
            "race": "2024-04",
            "stage": "pre_race",
            "model": MODEL,
            "version": version,
            "content": role,
            "at": BEGAN,
        }
        dated = {"starts_at": "2024-03-10T10:00:00+00:00", "in_time": True, "what_if": False, "made_at": BEGAN}
        found.append({"kind": "forecast", "role": role, "templates": ["race_winner"], **about, **dated})
        said = {"ours": {"log_loss": loss}, "baseline": {"log_loss": 2.0}}
        found.append({"kind": "score", **about, "scores": {"race_winner": said}})
    return found


def test_what_runs_is_told_and_what_has_ended_is_not(tmp_path: Path) -> None:
    workspace = Workspace(Project(tmp_path), params=Params())
    log = workspace.project.state / "answers" / "20240310-1.jsonl"
    log.parent.mkdir(parents=True)
    asked = {"model": MODEL, "race": "2024-04", "test": "a" * 64, "template": "race_winner", "at": BEGAN}
    lines = [{**asked, "arm": "served", "version": 2}, {**asked, "arm": "shadow", "version": 3}]
    log.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    (line,) = running(workspace, rows(), MODEL)
    assert line.startswith(
        "version 3 beside champion 2, which answers 75% of the races: ahead by .25 nats, not yet entitled"
    )
    assert "races that count: 1, that wait for a result: 0" in line
    assert "1 served by version 2, 1 shadow by version 3" in line
    assert running(workspace, rows(), "dnf-pre_race") == ()
    ended = {
        **stop_row(replace(TEST, hash="a" * 64), "Ada", "enough"),
        "at": "2024-03-20T10:00:00+00:00",
        "hash": "b" * 64,
        "seq": 9,
    }
    assert running(workspace, [*rows(), ended], MODEL) == ()
