"""The titles of a season, from a project whose stores are in memory."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

import pitwall as pw
from pitwall.domain.errors import ForecastError, UnknownName, UsageError
from pitwall.domain.params import ModelParams
from pitwall.domain.tables import save_tables
from pitwall.features.machinery.tiny_world.tables import corrected
from pitwall.ml.championship.competition import Field
from pitwall.ml.championship.fields import LEARNED
from pitwall.ml.championship.render import print_championship, write_picture
from pitwall.ml.forecasting.forecast import JUDGED
from pitwall.ml.training.training_job import training_job
from pitwall.testing import FakeRegistry, FakeTracker
from pitwall.testing.worlds.forecasts import PARAMS, World
from pitwall.workflows import championship as workflow
from pitwall.workflows.championship import MODEL, predict_championship
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

ORDER = ModelParams(estimator="championship_order", first_season=2021, stages=["pre_race", "pre_weekend"])
ORIGIN = {"git.commit": "abc"}


def workspace_of(world, registry):
    """Return a workspace of the world's project with stores in memory."""
    tracker = FakeTracker()
    return Workspace(
        world.job.project,
        params=world.params,
        registry=registry,
        features=world.reader,
        tracker=tracker,
        runs=tracker,
        versions=SimpleNamespace(stale=lambda _: [], hashes=dict),
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A project with a champion before weekends; of its last season three races of six were run."""
    made = World(tmp_path_factory.mktemp("project"), ("session", "championship"))
    made.params = PARAMS.model_copy(update={"models": {"order": ORDER}})
    job = training_job(made.job.project, made.params, MODEL)
    made.crown(job, model="championship_order", baseline="championship_order")
    made.workspace = workspace_of(made, made.registry)
    return made


def ask(world, season=2024, **wishes):
    return predict_championship(world.workspace, season, provenance=ORIGIN, **{"draws": 400, **wishes})


@pytest.fixture(scope="module")
def now(world):
    """What is said of the season under way, with the chances after each round."""
    return ask(world, history=True)


def test_a_season_under_way_says_who_answers_and_what_is_known(world, now):
    made = now
    race = world.tables["races"].query("season == 2024 and round == 4").iloc[0]
    assert (made.after, made.rounds, made.model, made.version, made.draws) == (3, 6, MODEL, 1, 400)
    assert pd.Timestamp(made.cutoff) == race["practice_at"]
    assert made.provenance["git.commit"] == "abc"
    assert (
        made.labels[0]
        == f"the answer for {race['name']} stands for each of the 3 races to come, and who drives it for all of them"
    )
    for lines, count in ((made.drivers, 8), (made.teams, 4)):
        assert len(lines) == count
        assert sum(each.title for each in lines) == pytest.approx(1.0, abs=1e-3)
        assert all(each.points <= each.low <= each.expected <= each.high or each.low == each.high for each in lines)


def test_seasons_of_a_world_that_was_left_are_not_told_any_more(world, now):
    told = world.job.project.serving / "championship"
    ours = json.loads((told / "2024.json").read_text())
    (told / "2022.json").write_text(json.dumps(ours))
    (told / "2023.json").write_text(json.dumps({**ours, "world": "another"}))
    (told / "2021.json").write_text("{}")  # as an earlier version wrote it
    ask(world)
    assert sorted(path.name for path in told.iterdir()) == ["2022.json", "2024.json"]
    (told / "2022.json").unlink()


def test_points_and_places_are_those_of_the_published_table(world, now):
    tables, made = world.tables, now
    race = int(tables["races"].query("season == 2024 and round == 3")["race_id"].item())
    for name, key, lines in (
        ("driver_standings", "driver_id", made.drivers),
        ("constructor_standings", "constructor_id", made.teams),
    ):
        real = tables[name][tables[name]["race_id"] == race].set_index(key)["points"]
        assert {each.who: each.points for each in lines} == real.to_dict()


def test_what_became_public_after_the_cut_off_changes_nothing(world, tmp_path):
    race = int(world.tables["races"].query("season == 2024 and round == 2")["race_id"].item())
    known = world.tables["races"].query("season == 2024").set_index("round")["practice_at"]
    before = ask(world, after=2)
    try:
        for days, same in ((1, True), (-1, False)):
            at = known[3] + pd.Timedelta(days=days)
            later = corrected(world.tables, "results", lambda rows: rows["race_id"] == race, at, points=0.0)
            save_tables(later, world.job.project.tables)
            assert (ask(world, after=2) == before) is same
    finally:
        save_tables(world.tables, world.job.project.tables)


def test_a_season_that_is_over_has_its_champions(world):
    made = ask(world, season=2023)
    last = int(world.tables["races"].query("season == 2023 and round == 6")["race_id"].item())
    table = world.tables["driver_standings"]
    real = table.loc[(table["race_id"] == last) & (table["place"] == 1), "driver_id"].item()
    assert (made.drivers[0].who, made.drivers[0].title, made.drivers[0].certain, made.draws) == (real, 1.0, True, 0)
    assert all(each.out and each.title == 0.0 for each in made.drivers[1:])
    assert made.labels == ("no race of 2023 is left: the table is final",)


def test_the_chances_after_each_round_are_drawn_and_shown(now, tmp_path):
    made = now
    assert [point.after for point in made.history] == [0, 1, 2, 3]
    assert all(sum(point.drivers.values()) == pytest.approx(1.0, abs=1e-3) for point in made.history)
    assert LEARNED in made.labels
    drawn = write_picture(made, tmp_path / "titles.png").read_bytes()
    assert drawn == write_picture(made, tmp_path / "again.png").read_bytes()
    with (console := Console(width=160, force_terminal=False)).capture() as said:
        print_championship(made, console)
    assert f"Drivers 2024 after round 3 of 6, as of {made.cutoff[:10]}" in said.get()
    assert made.drivers[0].name in said.get()


def test_a_season_that_the_model_was_judged_on_is_answered_out_of_sample(world):
    made = ask(world, season=2023, after=4, history=True)
    assert JUDGED in made.labels
    assert LEARNED not in made.labels
    assert [point.after for point in made.history] == [0, 1, 2, 3, 4]
    assert not made.drivers[0].certain or made.drivers[0].title == 1.0
    assert {each.title for each in made.drivers if each.out} <= {0.0}


def test_who_stays_away_from_one_race_is_expected_in_those_after_it(world, monkeypatch):
    whole = workflow.coming_field

    def five(made, tables):
        field = whole(made, tables)
        places = field.places[:5, :5] / field.places[:5, :5].sum(axis=1, keepdims=True)
        return Field(field.drivers[:5], field.teams[:5], places)

    monkeypatch.setattr(workflow, "coming_field", five)
    made = ask(world, season=2023, after=2)
    assert made.labels[0] == "5 cars started the next race: the 8 of the race before stand in for the field"
    assert all(each.high > each.points for each in made.drivers[:6])


def test_a_notebook_asks_the_same(world, now):
    model = pw.load("race_winner", workspace=world.workspace)
    world.workspace.provenance = lambda flow_run=None: ORIGIN
    assert model.predict_championship(season=2024, remaining_races=True, draws=400) == replace(
        now, history=(), labels=tuple(label for label in now.labels if label != LEARNED)
    )
    whole = model.predict_championship(2024, remaining_races=False, draws=400)
    assert (whole.after, {each.points for each in whole.drivers}) == (0, {0.0})


def test_what_cannot_be_asked_is_refused(world):
    with pytest.raises(UnknownName, match="2031"):
        ask(world, season=2031)
    with pytest.raises(UsageError, match="rounds up to 3 have results"):
        ask(world, after=5)
    with pytest.raises(ForecastError, match="pitwall promote order-pre_weekend"):
        predict_championship(workspace_of(world, FakeRegistry()), 2024, provenance=ORIGIN)
