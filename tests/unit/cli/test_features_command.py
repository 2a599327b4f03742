"""`pitwall features list|describe|profile` as a user meets it, and the page that is made of the catalogue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pitwall.cli import main
from pitwall.domain.params import Params
from pitwall.domain.project import MARKERS, Project
from pitwall.domain.tables import empty_table, save_tables
from pitwall.domain.when import Stage
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.catalogue.entries import entries, page
from pitwall.features.machinery.catalogue.profile import BINS, profile_group
from pitwall.features.machinery.catalogue.unavailable import UNAVAILABLE
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.stage import build_features
from pitwall.testing.worlds.tiny import tiny_tables

pytestmark = pytest.mark.slow

REPO = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the features of the tiny world."""
    root = tmp_path_factory.mktemp("project")
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    (root / "params.yaml").write_text("{}\n", encoding="utf-8")
    project = Project(root)
    save_tables(tiny_tables(seasons=1, races=2, cars=4), project.tables)
    build_features(project, Params())
    return project


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `pitwall features ARGUMENTS` in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["pitwall", "features", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def listed(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


def test_the_page_is_up_to_date() -> None:
    on_disk = (REPO / "docs" / "features.md").read_text(encoding="utf-8")
    assert on_disk == page(), "run: pitwall features list --markdown docs/features.md"


@pytest.mark.parametrize("command", ["list", "describe", "profile"])
def test_a_command_shows_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, command, "--help") == 0
    assert f"Example: pitwall features {command}" in capsys.readouterr().out


def test_the_list_loads_no_tool() -> None:
    heavy = ("mlflow", "prefect", "feast", "dvc", "torch", "xgboost", "sklearn", "optuna", "matplotlib", "duckdb")
    program = (
        "import sys\nsys.argv = ['pitwall', 'features', 'list', '--set', 'session']\nfrom pitwall.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write(' '.join(name for name in {heavy!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "practice_gap_pct" in done.stdout


def test_the_list_holds_every_feature_and_what_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))  # no project, so no user's file either
    assert call(monkeypatch, "list", "--json", "-") == 0
    found = listed(capsys)
    absent = {each.name for each in UNAVAILABLE}
    every = [name for group in groups().values() for name in group.names]
    assert [row["name"] for row in found["features"]] == [name for name in every if name not in absent]
    assert {row["name"] for row in found["unavailable"]} == absent


def test_a_feature_of_a_users_file_is_there_where_the_tables_hold_its_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "data" / "tables").mkdir(parents=True)
    for name in MARKERS:
        (tmp_path / name).write_text("")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    for name, lines in (
        ("upgrades", tiny_tables(seasons=1)["upgrades"]),
        ("corner_speeds", empty_table("corner_speeds")),
    ):
        lines.to_parquet(tmp_path / "data" / "tables" / f"{name}.parquet")
    assert call(monkeypatch, "list", "--json", "-") == 0
    found = listed(capsys)
    names = {row["name"] for row in found["features"]}, {row["name"] for row in found["unavailable"]}
    assert "upgrade_effectiveness" in names[0] - names[1]
    assert "avg_corner_speed" in names[1] - names[0]
    assert call(monkeypatch, "describe", "upgrade_effectiveness", "--json", "-") == 0
    assert listed(capsys)["available"] is True
    assert call(monkeypatch, "describe", "avg_corner_speed", "--json", "-") == 0
    said = listed(capsys)
    assert said["available"] is False and "pitwall data use user_files" in said["needs"]


def test_a_list_may_be_narrowed_to_a_set_and_a_stage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "list", "--set", "session", "--stage", "pre_qualifying", "--json", "-") == 0
    names = {row["name"] for row in listed(capsys)["features"]}
    assert "practice_gap_pct" in names
    assert not names & {"qualifying_place", "grid", "driver_starts"}


def test_later_stages_have_more_features() -> None:
    counts = [len(entries(stage=stage.value)) for stage in Stage]
    assert counts == sorted(counts)
    assert counts[-1] == len(entries())


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("describe", "quali_trnd"), "quali_trend"),
        (("describe", "avg_corner_sped"), "avg_corner_speed"),
        (("list", "--set", "drivr"), "driver"),
        (("list", "--stage", "pre_rce"), "pre_race"),
    ],
)
def test_a_typo_is_a_usage_error_with_the_near_name(
    arguments: tuple[str, ...], near: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, *arguments) == 2
    assert f"did you mean {near!r}" in capsys.readouterr().err


def test_a_feature_is_described(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "describe", "grid", "--json", "-") == 0
    said = listed(capsys)
    assert said["available"] is True
    assert (said["group"], said["since"]) == ("session", "pre_race")
    assert said["keys"] == ["race_id", "driver_id"]
    assert {"order", "session", "all"} <= set(said["sets"])
    assert said["module"] == "pitwall.features.session"


@pytest.mark.parametrize(
    ("group", "feature", "table"),
    [
        ("sector_times", "quali_sector_1_gap_pct", "session_sectors"),
        ("weather_forecast", "rain_probability", "weather_forecasts"),
    ],
)
def test_a_group_is_described_by_its_features(
    group: str, feature: str, table: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "describe", group, "--json", "-") == 0
    said = listed(capsys)
    assert said["available"] is True and said["reads"] == [table]
    assert feature in said["features"]
    assert "order" not in said["sets"]  # not what the forecasts read


def test_what_cannot_be_had_is_described_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    assert call(monkeypatch, "describe", "upgrade_effectiveness") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "not available" in said
    assert "no table says which team brought which parts" in said


def test_no_name_is_both_there_and_unavailable_but_those_of_a_users_file() -> None:
    names = {entry.feature.name for entry in entries()}
    assert names & {absent.name for absent in UNAVAILABLE} == {absent.name for absent in UNAVAILABLE if absent.table}


def test_the_set_of_all_holds_every_group_and_the_forecasts_keep_theirs() -> None:
    assert feature_sets()["all"] == tuple(groups().values())
    forecast = {group.name for group in feature_sets()["order"]}
    assert not forecast & {"driver_career", "team_circuit", "session_detail", "lap_state", "conditions"}


def test_a_profile_says_which_data_it_describes(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    assert call(monkeypatch, "profile", "--picture", str(tmp_path / "features.png"), "--json", "-") == 0
    profiled = listed(capsys)
    assert json.loads((project.reports / "features.json").read_text(encoding="utf-8")) == profiled
    assert (tmp_path / "features.png").read_bytes().startswith(b"\x89PNG")
    career = project.features / "driver_career.parquet"
    pd.read_parquet(career).assign(career_wins=0.5).to_parquet(career, index=False)
    assert call(monkeypatch, "profile", "--json", "-") == 0
    assert listed(capsys)["data"] != profiled["data"]


def test_a_profile_counts_by_hand() -> None:
    group = FeatureGroup("g", ("driver",), ("races",), (Feature("f", "u", "m", "n"),), lambda *_: pd.DataFrame())
    instant = pd.Timestamp("2021-01-01", tz="UTC")
    table = pd.DataFrame({"driver_id": range(101), "event_timestamp": instant, "f": np.arange(101.0)})
    table.loc[100, "f"] = np.nan
    superseded = table.head(1).assign(f=1e9)  # an older version of a row does not count
    row = profile_group(group, pd.concat([superseded, table], ignore_index=True))[0]
    assert (row["count"], row["nulls"], row["mean"], row["max"]) == (101, 1, 49.5, 99.0)
    assert row["quantiles"]["0.5"] == 49.5
    assert sum(row["bins"]) == 100
    assert len(row["edges"]) == BINS + 1


def test_a_feature_without_values_has_an_empty_profile() -> None:
    group = FeatureGroup("g", ("driver",), ("races",), (Feature("f", "u", "m", "n"),), lambda *_: pd.DataFrame())
    table = pd.DataFrame({"driver_id": [1], "event_timestamp": [pd.Timestamp("2021-01-01")], "f": [np.nan]})
    row = profile_group(group, table)[0]
    assert (row["nulls"], row["mean"], row["bins"]) == (1, None, [])


def test_a_profile_needs_features(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    assert call(monkeypatch, "profile") == 1
    assert "dvc repro features" in capsys.readouterr().err
