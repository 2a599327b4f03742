"""`pitwall plot race` and `pw.plot_race`: pictures that say what they show, tables beside them, the same bytes again."""

import hashlib
import json
from itertools import pairwise
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

import pitwall as pw
from pitwall.cli._app import app
from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.report.figures.palette import NEUTRAL, SERIES
from pitwall.report.figures.race.marks import spread, style
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "params.yaml").write_text("{}\n")
    save_tables(tiny_tables(seasons=1, races=3, cars=6, upcoming=1), Project(root).tables)
    return Project(root)


@pytest.fixture(scope="module")
def plots(project):
    return pw.plot_race("2021-02", project)


def texts(figure):
    found = [*figure.axes[0].texts, *figure.axes[0].get_yticklabels(), *figure.axes[0].get_xticklabels()]
    legend = figure.axes[0].get_legend()
    return [each.get_text() for each in found] + [each.get_text() for each in (legend.get_texts() if legend else ())]


def test_each_picture_names_the_race_its_unit_and_all_cars(plots):
    assert list(plots.figures) == ["traces", "positions", "stints", "pace"]
    labels = set(plots.tables["cars"]["label"])
    for name, figure in plots.figures.items():
        axes = figure.axes[0]
        assert axes.get_title(loc="left").startswith(plots.title), name
        said = " ".join(texts(figure))
        came = (
            labels
            if name in {"positions", "stints", "pace"}
            else set(plots.tables["cars"].loc[~plots.tables["cars"]["retired"], "label"])
        )
        assert all(label in said for label in came), name
    assert "(s)" in plots.figures["traces"].axes[0].get_ylabel()
    assert "(s)" in plots.figures["pace"].axes[0].get_ylabel()


def test_neutralised_laps_are_shaded_and_said(plots):
    laps = plots.tables["laps"]
    assert laps["status"].str.contains("4").any(), "the second race of a season has a safety car"
    for name in ("traces", "positions", "stints"):
        assert "safety car" in texts(plots.figures[name])


def test_lines_are_told_apart_by_team_and_by_car(plots):
    lines = [line for line in plots.figures["traces"].axes[0].get_lines() if line.get_linestyle() in {"-", "--"}]
    kinds = {(line.get_color(), line.get_linestyle()) for line in lines if len(line.get_xdata()) > 1}
    assert len(kinds) == len(plots.tables["cars"])
    assert {colour for colour, _ in kinds} == set(SERIES[:3])
    assert len(set(SERIES)) == len(SERIES) == 10
    assert len(set(NEUTRAL.values())) == 3


def test_lines_of_more_teams_than_there_are_colours_are_told_apart():
    cars = [SimpleNamespace(team_rank=rank, second=second) for rank in range(12) for second in (False, True)]
    assert len({(line["color"], line["linestyle"]) for line in map(style, cars)}) == len(cars)


def test_files_are_the_same_again_and_tables_read_back(project, plots, tmp_path):
    first = {path.name: path.read_bytes() for path in plots.save(tmp_path / "a")}
    again = {path.name: path.read_bytes() for path in pw.plot_race("2021-02", project).save(tmp_path / "b")}
    assert {name: hashlib.md5(data).hexdigest() for name, data in first.items()} == {
        name: hashlib.md5(data).hexdigest() for name, data in again.items()
    }
    assert sorted(first) == sorted([*(f"{n}.png" for n in plots.figures), *(f"{n}.csv" for n in plots.tables)])
    assert all(data.startswith(b"\x89PNG") for name, data in first.items() if name.endswith("png"))
    laps = pd.read_csv(tmp_path / "a" / "laps.csv")
    assert {"driver", "lap", "place", "gap", "seconds", "compound", "free"} <= set(laps)
    assert laps.groupby("lap")["gap"].min().eq(0).all()


def test_the_command_writes_below_reports_and_names_the_races_that_have_laps(project, monkeypatch):
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    done = CliRunner().invoke(app, ["plot", "race", "2021-02", "--json", "-"])
    assert done.exit_code == 0, done.output
    files = json.loads(done.stdout)["files"]
    assert str(project.reports / "races" / "2021-02" / "traces.png") in files
    refused = CliRunner().invoke(app, ["plot", "race", "2021-03"])
    assert isinstance(refused.exception, UsageError)
    assert "Races that have laps: 2021-01, 2021-02." in str(refused.exception)


def test_without_stops_there_is_no_picture_of_stints(tmp_path):
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    tables = tiny_tables(seasons=1, races=2, cars=4)
    save_tables(
        tables.replace(laps=tables["laps"].iloc[:0], pit_stops=tables["pit_stops"].iloc[:0]), Project(tmp_path).tables
    )
    bare = pw.plot_race("2021-01", Project(tmp_path))
    assert list(bare.figures) == ["traces", "positions", "pace"]
    assert "stops not known" in bare.figures["pace"].axes[0].get_title(loc="right")


def test_names_at_the_ends_of_lines_cover_no_other():
    for heights in ([0.0, 0.0, 0.1, 0.2, 5.0], [3.0] * 6, [0.0, 9.0], []):
        moved = spread(heights, 1.0, 0.0)
        assert all(after - before > 1.0 - 1e-9 for before, after in pairwise(moved))
        assert all(height >= 0.0 for height in moved)
