"""The stage takes up the last build, says so, and cannot be misled by a damaged or outdated one."""

import shutil
import sys
from dataclasses import replace

import pandas as pd
import pytest

from pitwall.domain.errors import TableError, UnknownName
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features import groups
from pitwall.features.machinery import stage
from pitwall.features.machinery.cache import RECIPE, LastBuild, home_of, recipe_of
from pitwall.features.machinery.stage import build_features
from pitwall.testing.worlds.histories import changed, histories
from pitwall.testing.worlds.tiny import tiny_tables

pytestmark = pytest.mark.slow

KEPT = {name: groups()[name] for name in ("driver_form", "driver_rating", "session", "team_standing")}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "groups", lambda: KEPT)
    return Project(tmp_path)


@pytest.fixture(scope="module")
def race():
    return histories(tiny_tables(seasons=2, races=3, cars=4))["one more race"]


def run(project, tables=None, params=None, **how):
    """Run the stage as DVC does, which first deletes what the stage made before."""
    if tables is not None:
        save_tables(tables, project.tables)
    shutil.rmtree(project.features, ignore_errors=True)
    report = build_features(project, params or Params(), **how)
    files = {path.stem: path.read_bytes() for path in project.features.iterdir()}
    return {name: made.how for name, made in report.made.items()}, files


def forget(project):
    shutil.rmtree(project.state)


def test_a_second_run_computes_nothing(project, race):
    first, made = run(project, race[1])
    assert set(first.values()) == {"computed from nothing"}
    again, same = run(project)
    assert set(again.values()) == {"reused"}
    assert same == made
    assert set(made) == set(KEPT)


def test_one_more_race_is_taken_up_and_the_bytes_are_those_of_a_full_build(project, race):
    run(project, race[0])
    how, made = run(project, race[1])
    assert how["session"] == "computed for 1 of 6 races"
    assert how["driver_form"].startswith("computed for 4 of ")
    assert how["driver_rating"] == "computed in whole"
    forget(project)
    full, whole = run(project)
    assert set(full.values()) == {"computed from nothing"}
    assert made == whole


def test_old_corrections_are_not_computed_again(project, race):
    """Without the last build each vintage costs one more computation; with it only those since the news."""
    when = race[1]["results"]["known_at"].min() + pd.Timedelta("1D")
    then, now = (changed(side, 1, 1, when, place=4, points=0.0) for side in race)
    run(project, then)
    how, made = run(project, now)
    assert how["driver_rating"].startswith("computed, known before 2022-")
    forget(project)
    assert run(project)[1] == made


def test_two_processes_write_the_same_bytes(project, race, monkeypatch):
    monkeypatch.undo()  # the workers know all groups
    alone, made = run(project, race[0], workers=1)
    forget(project)
    together, same = run(project, workers=2)
    assert list(alone) == list(together) == list(groups())
    assert made == same


def test_other_settings_compute_only_their_group(project, race):
    run(project, race[1])
    how, made = run(project, params=Params(features={"driver_form": {"window": 2}}))
    assert how == {**dict.fromkeys(KEPT, "reused"), "driver_form": "computed from nothing"}
    forget(project)
    assert run(project, params=Params(features={"driver_form": {"window": 2}}))[1] == made


@pytest.mark.parametrize("damage", ["group", "table", "recipe"])
def test_a_damaged_last_build_is_not_taken_up(damage, project, race):
    _, made = run(project, race[1])
    last = LastBuild(project)
    if damage == "recipe":
        (project.state / "features" / RECIPE).unlink()
    else:
        file = last.group_file("driver_form") if damage == "group" else last.table_file("results")
        pd.read_parquet(file).iloc[1:].to_parquet(file, index=False)
    how, same = run(project)
    assert how["driver_form"] == "computed from nothing"
    assert same == made


@pytest.mark.parametrize("name", ["driver_form", "momentum_score"])  # of its own function, and of shared ones
def test_changed_code_is_another_recipe(name, monkeypatch, tmp_path):
    group = KEPT["driver_form"] if name == "driver_form" else groups()[name]
    home = home_of(group)
    assert home.name == f"{name}.py"
    before = recipe_of(group, Params())
    changed = tmp_path / home.name
    changed.write_text(home.read_text() + "\n# changed\n")
    monkeypatch.setattr(sys.modules[f"pitwall.features.{name}"], "__file__", str(changed))
    assert recipe_of(group, Params()) != before


def test_a_group_of_no_file_has_no_recipe():
    assert recipe_of(replace(KEPT["driver_form"]), Params()) is None


def test_the_report_says_what_was_computed(project, race):
    save_tables(race[1], project.tables)
    lines = build_features(project, Params()).lines()
    assert lines[0].startswith("driver_form: ")
    assert "8 features, 0 corrected versions; computed from nothing (" in lines[0]


def test_files_of_groups_that_are_gone_are_removed(project, race):
    run(project, race[1])
    (project.features / "gone.parquet").write_bytes(b"")
    build_features(project, Params())
    assert not (project.features / "gone.parquet").exists()


def test_unknown_settings_and_missing_tables_are_named(project, race):
    with pytest.raises(UnknownName, match="did you mean 'driver_form'"):
        build_features(project, Params(features={"driver_from": {}}))
    with pytest.raises(TableError, match="dvc repro tables"):
        build_features(project, Params())
