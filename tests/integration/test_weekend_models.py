"""Stages and orders that nobody lists: trained, judged, promoted, backtested and asked by name, and what-ifs after qualifying."""

from types import SimpleNamespace

import pandas as pd
import pytest

from pitwall.domain.errors import ForecastError, UnknownName
from pitwall.domain.params import parse_params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.domain.when import hours
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.models.machinery.names import resolve_model, trained_names
from pitwall.report.content.markdown import to_markdown
from pitwall.testing import FakeFeatureReader, FakeRegistry, FakeTracker
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, registry, train
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

NAMES = ("order-pre_qualifying", "qualifying-pre_qualifying")
NEXT, CARS = "2024-04", 6
PARAMS = parse_params(
    {
        "sources": {"ergast": {"location": "elsewhere"}},  # no world whose true chances are known
        "models": {"order": {"estimator": "conditional_logit", "first_season": 2021, "stages": ["pre_race"]}},
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "tuning": {"trials": 1, "startup_trials": 1},
        "gates": {"bootstrap_draws": 100, "latency_ms": 10_000.0, "min_races": 2},
    }
)


def sprint_weekend(tables, race):
    """Return the tables with a sprint on the day before a race, from a grid of its own, and qualifying after it."""
    races = tables["races"].copy()
    own = races["race_id"] == race
    races.loc[own, "sprint_at"] = races.loc[own, "starts_at"] - hours(27)
    return tables.replace(races=races)


class World:
    """A project that lists the order before a race alone, and whose next race is a sprint weekend with a grid."""

    def __init__(self, root):
        tables = tiny_tables(seasons=4, races=4, cars=CARS, upcoming=1)
        self.race = int(tables["races"].query("season == 2024 and round == 4")["race_id"].item())
        self.tables = sprint_weekend(tables, self.race)
        save_tables(self.tables, Project(root).tables)
        self.registry, tracker = FakeRegistry(), FakeTracker()
        self.workspace = Workspace(
            Project(root),
            params=PARAMS,
            features=FakeFeatureReader(self.tables),
            versions=SimpleNamespace(stale=lambda stages: [], hashes=dict),
            tracker=tracker,
            runs=tracker,
            registry=self.registry,
        )
        self.workspace.provenance = lambda flow_run=None: {"git.commit": "0" * 40, "git.dirty": "clean"}
        listed = self.workspace.job("order-pre_race")
        spine = listed.definition.kind.spine(self.tables, "pre_race")
        listed.frame_path.parent.mkdir(parents=True)
        self.workspace.features.historical(spine, "order").to_parquet(listed.frame_path, index=False)
        for name in ("order-pre_race", *NAMES):
            train.train(self.workspace, name)
            self.registry.set_alias(name, "champion", judge.register(self.workspace, name).version)

    def ask(self, name, **wishes):
        return forecast.forecast(self.workspace, name, NEXT, forecast.WhatIf(**wishes)).made

    def order(self, table, column):
        """Return the drivers of the next race by a column of a table, the first one first."""
        lines = self.tables[table]
        return lines[lines["race_id"] == self.race].sort_values(column)["driver_id"].tolist()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("weekend"))


def grid_file(folder, drivers):
    path = folder / "grid.csv"
    path.write_text("driver,grid\n" + "".join(f"{driver},{slot}\n" for slot, driver in enumerate(drivers, start=1)))
    return path


def test_a_stage_is_asked_for_by_name_though_nothing_lists_it(world):
    project = world.workspace.project
    assert set(NAMES) <= set(trained_names(PARAMS, project))
    for name in NAMES:
        job = world.workspace.job(name)
        assert not job.listed
        assert job.frame_path == project.unlisted_frame(name)
        assert set(job.frame()["season"]) == {2021, 2022, 2023, 2024}
    assert resolve_model("order-pre_qualifying", PARAMS) == "order-pre_qualifying"
    with pytest.raises(UnknownName):
        resolve_model("fastest_lap-pre_weekend", PARAMS)  # nobody asks about it then


@pytest.mark.parametrize("name", NAMES)
def test_nothing_after_the_cutoff_is_in_a_frame(world, name):
    frame = world.workspace.job(name).frame()
    assert frame["fp1_gap_pct"].notna().any()
    assert frame[["grid", "qualifying_gap_pct", "qualifying_place"]].isna().all(axis=None)


def test_every_gate_has_a_say_about_the_order_of_qualifying(world):
    """Leaks are looked for in the set of features, which is the one of the finishing order."""
    candidate = judge.candidate(world.workspace, judge.register(world.workspace, "qualifying-pre_qualifying"))
    found = {name: run_gate(gate, candidate) for name, gate in gates().items() if name != "leak_audit"}
    verdicts = [verdict for each in found.values() for verdict in each]
    assert not [verdict for verdict in verdicts if "crashed" in verdict.reason]
    sure = ("complete_frame", "refit_equal", "signature", "size", "freshness")
    assert [verdict.reason for name in sure for verdict in found[name] if not verdict.passed] == []
    assert "over usual_grid" in found["holdout_reuse"][0].reason
    faulty = [name for name in ("beats_baseline", "complete_frame") if _all_pass(name, candidate)]
    assert not faulty, "a planted fault is noticed"


def _all_pass(name, candidate):
    return all(verdict.passed for verdict in run_gate(gate(name), gate(name).fault(candidate)))


def test_the_card_speaks_of_places_in_qualifying(world):
    text = to_markdown(registry.card(world.workspace, "qualifying-pre_qualifying@champion"))
    assert "Who takes pole?" in text
    assert "finishing place" not in text


@pytest.mark.parametrize(("question", "stage"), [("podium", "pre_qualifying"), ("qualifying", "pre_qualifying")])
def test_a_backtest_is_of_any_stage_that_a_question_is_asked_at(world, question, stage):
    only = ["championship_order"]
    plans = backtest.plans(world.workspace, [stage], [2024], [question], only)
    done = backtest.run(world.workspace, plans, workers=0)
    rows = [row for row in done.result["rows"] if row["season"] == "all" and row["template"] == question]
    assert {row["stage"] for row in rows} == {stage}
    assert {row["n"] for row in rows} == {3}, "races of 2024 that were run"
    metrics = {row["metric"] for row in rows if row["role"] == "ours"}
    assert metrics >= ({"pole_hit", "within_2", "spearman"} if question == "qualifying" else {"brier", "overlap"})


def test_a_forecast_of_qualifying_says_the_chances_of_its_places(world):
    made = world.ask("qualifying")
    assert (made.model, made.stage) == ("qualifying-pre_qualifying", "pre_qualifying")
    assert sum(row.answers["qualifying"] for row in made.rows) == pytest.approx(1, abs=1e-4)
    for row in made.rows:
        assert sum(row.detail["places"]) == pytest.approx(1, abs=1e-4)


def test_a_sprint_weekend_is_forecast_from_the_races_own_grid(world):
    made = world.ask("order-pre_race")
    assert not made.labels
    slots = {row.keys["driver_id"]: row.detail["grid"] for row in made.rows}
    assert sorted(slots, key=slots.get) == world.order("grid", "grid")


def test_a_penalty_after_qualifying_costs_the_one_who_got_it(world, tmp_path):
    """The pole of qualifying is sent to the back: the chance to win falls, that of everybody else rises."""
    qualified = world.order("qualifying", "place")
    pole, others = qualified[0], qualified[1:]
    plain = world.ask("order-pre_race", grid=grid_file(tmp_path, qualified))
    sent_back = world.ask("order-pre_race", grid=grid_file(tmp_path, [*others, pole]))
    assert sent_back.labels == ("what if: grid from grid.csv",)
    before, after = (
        {row.keys["driver_id"]: row.answers["race_winner"] for row in each.rows} for each in (plain, sent_back)
    )
    assert after[pole] < before[pole]
    assert sum(after[driver] for driver in others) > sum(before[driver] for driver in others)
    slots = {row.keys["driver_id"]: row.detail["grid"] for row in sent_back.rows}
    assert slots[pole] == CARS


def test_qualifying_itself_knows_no_grid_to_change(world, tmp_path):
    with pytest.raises(ForecastError, match="before there is a grid"):
        world.ask("qualifying", grid=grid_file(tmp_path, world.order("qualifying", "place")))


def test_with_practice_alone_the_unlisted_champion_answers_for_the_listed_model(world):
    """Whoever trained the stage by name meant it to be used."""
    known = {name: world.tables[name] for name in ("qualifying", "grid", "entries")}
    left = {name: table[table["race_id"] != world.race] for name, table in known.items()}
    save_tables(left, world.workspace.project.tables)
    try:
        made = world.ask("order-pre_race")
    finally:
        save_tables(known, world.workspace.project.tables)
    assert (made.asked, made.model) == ("order-pre_race", "order-pre_qualifying")
    assert made.labels[0] == "no qualifying yet: the pre_qualifying model answers, as of the start of qualifying"
    assert pd.Timestamp(made.cutoff) < world.tables["races"].set_index("race_id")["starts_at"][world.race]
