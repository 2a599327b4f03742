"""The model of pit stops through every step, on a tiny world: frame, tuning, judging, gates, card, forecast, log of openings."""

from types import SimpleNamespace

import pandas as pd
import pytest

from pitwall.domain.errors import ForecastError, UsageError
from pitwall.domain.keys import RACE_DRIVER, STOP
from pitwall.domain.params import parse_params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.backtest.rendering.tables import KINDS, slice_tables
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.models import model
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.templates import template
from pitwall.report.content.markdown import to_markdown
from pitwall.testing import FakeFeatureReader, FakeRegistry, FakeTracker
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, promote, registry, train
from pitwall.workflows.forecast import WhatIf
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

NAME = "pit_stop-in_race"
PARAMS = parse_params(
    {
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "models": {"pit_stop": model("pit_stop").settings.model_dump() | {"tuning": {"trials": 2}}},
        "gates": {"bootstrap_draws": 200, "latency_ms": 10_000.0, "min_races": 2},
    }
)


def with_second_stops(tables):
    """Return the tables with a second stop, after lap 9, of each car that came in, and with pit lanes of another length at each circuit."""
    laps, first = tables["laps"].copy(), tables["pit_stops"]
    longer = tables["races"].set_index("race_id")["circuit_id"] % 3 * 3.0
    came_in = laps.loc[laps["pit_in_seconds"].notna(), list(RACE_DRIVER)]
    own = pd.MultiIndex.from_frame(laps[list(RACE_DRIVER)]).isin(pd.MultiIndex.from_frame(came_in))
    laps.loc[own & (laps["lap"] == 9), "pit_in_seconds"] = laps["end_seconds"] - 2
    laps.loc[own & (laps["lap"] == 10), "pit_out_seconds"] = laps["start_seconds"] + 20
    laps.loc[own & (laps["lap"] > 9), "compound"] = "SOFT"
    laps["pit_out_seconds"] += laps["race_id"].map(longer)
    stops = pd.concat([first, first.assign(stop=2, lap=9)], ignore_index=True)
    return tables.replace(laps=laps, pit_stops=stops.assign(seconds=stops["seconds"] + stops["race_id"].map(longer)))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Return a project with tables of laps and stores in memory, in which the model is trained and judged."""
    project = Project(tmp_path_factory.mktemp("stops"))
    tables = with_second_stops(tiny_tables(seasons=4, races=3, cars=8))
    save_tables(tables, project.tables)
    tracker, known = FakeTracker(), FakeRegistry()
    workspace = Workspace(
        project,
        params=PARAMS,
        features=FakeFeatureReader(tables),
        versions=SimpleNamespace(stale=lambda stages: [], hashes=dict),
        tracker=tracker,
        runs=tracker,
        registry=known,
    )
    workspace.provenance = lambda flow_run=None: {"git.commit": "0" * 40, "git.dirty": "clean"}
    job = workspace.job("pit_stop")
    job.frame_path.parent.mkdir(parents=True)
    spine = job.definition.kind.spine(tables, job.stage)
    workspace.features.historical(spine, "pit_stop").to_parquet(job.frame_path)
    ref = train.train(workspace, "pit_stop")
    decided = promote.judge_and_promote(workspace, NAME, Approval())
    candidate = judge.candidate(workspace, judge.register(workspace, NAME))
    return SimpleNamespace(tables=tables, workspace=workspace, job=job, ref=ref, candidate=candidate, decided=decided)


def test_predictions_keep_their_stop_and_are_sorted_by_it(world):
    own = by_estimator(load_predictions(world.job.target))["linear"]
    assert not own.duplicated(list(STOP)).any()
    assert own.duplicated(list(RACE_DRIVER)).any()
    assert own.equals(own.sort_values(["season", "round", "driver_id", "stop"], ignore_index=True))
    assert holdout_log.count(world.workspace.project, NAME, own) == 1
    moved = own.assign(stop=own["stop"] + 1)
    assert holdout_log.fingerprint(moved, world.job.definition) != holdout_log.fingerprint(own, world.job.definition)


def test_every_gate_has_looked_and_those_that_ask_nothing_of_skill_pass(world):
    by_gate = {verdict.gate: verdict for verdict in world.decided.verdicts}
    assert set(by_gate) == set(gates())
    assert not [verdict for verdict in world.decided.verdicts if "crashed" in verdict.reason]
    assert "these are of stop" in by_gate["retirement_share"].reason
    sure = ("complete_frame", "card_present", "freshness", "latency", "leak_audit", "refit_equal", "signature", "size")
    assert {name: by_gate[name].reason for name in sure if not by_gate[name].passed} == {}


@pytest.mark.parametrize("name", ["beats_baseline", "refit_equal", "calibration"])
def test_planted_faults_are_noticed_on_stops_too(world, name):
    found = run_gate(gate(name), gate(name).fault(world.candidate))
    assert [verdict for verdict in found if not verdict.passed]


def test_a_backtest_scores_it_beside_its_rules_and_says_how_often_intervals_cover(world):
    plans = backtest.plans(world.workspace, backtest.stages(world.workspace, ["pit_stop"]), [2023, 2024], ["pit_stop"])
    done = backtest.run(world.workspace, plans, workers=0)
    rows = {(row["model"], row["metric"]): row for row in done.result["rows"] if row["season"] == "all"}
    assert {name for name, _ in rows} >= {"linear", "xgboost", "lane_level", "stops_so_far", "circuit_stops"}
    assert rows["linear", "mae"]["n"] == 6
    (track,) = (fold for fold in slice_tables(done.scored[0], "pit_stop") if fold.title == f"By {KINDS['track']}")
    assert track.blocks[0].columns[-2:] == ("coverage_80", "coverage_95")
    assert all("(" in cell for row in track.blocks[0].rows for cell in row[-2:])
    told = {(row["slice"], row["metric"]) for row in done.result["slices"] if row["kind"] == "track"}
    assert told >= {("no street", metric) for metric in ("mae", "coverage_80", "coverage_95")}


def test_the_card_says_when_a_stop_is_cut_off(world):
    text = to_markdown(registry.card(world.workspace, f"{NAME}@{world.ref.version}"))
    assert "asked at the entry of the pit lane" in text
    assert "as of each pit stop" in text
    assert template("pit_stop").question in text
    assert "of ordinary stops" in text
    assert "the end of the lap before" not in text


def test_a_forecast_is_of_the_newest_stop_of_each_car_or_of_one_by_its_number(world):
    race = world.tables["races"].query("season == 2024 and round == 2")["race_id"].iloc[0]
    laps = world.tables["laps"]
    count = laps[(laps["race_id"] == race) & laps["pit_in_seconds"].notna()].groupby("driver_id").size()
    assert set(count) == {2}
    for what, asked in ((WhatIf(), count), (WhatIf(stop=1), count.clip(upper=1))):
        made = forecast.forecast(world.workspace, "pit_stop", "2024-02", what).made
        assert {row.keys["driver_id"]: row.keys["stop"] for row in made.rows} == asked.to_dict()
        assert all(row.label.endswith(f", stop {row.keys['stop']}") for row in made.rows)
        assert all(row.detail["q10"] < row.answers["pit_stop"] < row.detail["q90"] for row in made.rows)
    with pytest.raises(ForecastError, match="pit stops 1 to 2 to forecast; found --stop 7"):
        forecast.forecast(world.workspace, "pit_stop", "2024-02", WhatIf(stop=7))
    with pytest.raises(UsageError, match="--lap says nothing to it"):
        forecast.forecast(world.workspace, "pit_stop", "2024-02", WhatIf(lap=3))
