"""The backtest flow: a task per season, and a report that fits nothing again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

from pitwall.domain.errors import StageError
from pitwall.testing.worlds.backtest import tiny_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("home")
    tiny_project(root)
    return root


@pytest.fixture(scope="module")
def server():
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def flow(home, server, monkeypatch):
    from flows.backtest import backtest

    monkeypatch.setenv("PITWALL_HOME", str(home))
    return backtest


def test_every_season_is_a_task_and_the_report_reads_what_they_left(flow, home):
    result = flow(template="race_winner", stage="pre_race", seasons="2023:2024")
    assert sorted(part["season"] for part in result["seasons"]) == [2023, 2024]
    folder = home / result["report"]
    assert {path.name for path in folder.iterdir()} == {"backtest.json", "report.html", "summary.png"}
    content = json.loads((folder / "backtest.json").read_text())
    fits = content["facts"]["fits_from_cache"]["pre_race"]
    assert fits == 2 * len({row["model"] for row in content["rows"]} - {"always_yes", "always_no"})
    assert {row["template"] for row in content["rows"]} == {"race_winner", "order"}
    again = flow(template="race_winner", stage="pre_race", seasons="2023:2024")
    assert sum(part["cached"] for part in again["seasons"]) == fits


def test_a_season_that_is_not_complete_is_refused_before_any_task(flow):
    with pytest.raises(StageError, match="cannot score 2030"):
        flow(seasons="2030")
