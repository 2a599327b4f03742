"""Title forecasts in the track record: entered before the next weekend, scored beside the points when the season is over."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from pitwall.domain.clock import replaying
from pitwall.domain.params import ModelParams
from pitwall.domain.tables import save_tables
from pitwall.ml.forecasting.record.summary import lines
from pitwall.ml.training.training_job import training_job
from pitwall.testing.worlds.forecasts import NEXT, PARAMS, World
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.championship import MODEL, predict_championship
from pitwall.workflows.record import look
from pitwall.workflows.record.enter import told_titles
from pitwall.workflows.record.score import score

pytestmark = pytest.mark.slow

ORDER = ModelParams(estimator="championship_order", first_season=2021, stages=["pre_race", "pre_weekend"])


def test_titles_are_entered_once_before_the_weekend_and_scored_when_the_season_is_over(tmp_path):
    world = World(tmp_path)
    params = PARAMS.model_copy(update={"models": {"order": ORDER}})
    world.crown(training_job(world.job.project, params, MODEL), "championship_order", "championship_order")
    workspace = world.workspace(params)
    races = world.tables["races"].query("season == 2024").set_index("round")
    early, late = races["practice_at"][4] - timedelta(hours=1), races["practice_at"][4]

    def ask(now, draws=400):
        with replaying(now.isoformat()):
            return predict_championship(workspace, 2024, provenance={}, draws=draws)

    made = ask(early)
    ask(early + timedelta(minutes=10))
    ask(late, draws=500)
    first, second = workspace.record.rows()
    assert (first["kind"], first["race"], first["in_time"], first["after"]) == ("title", NEXT, True, 3)
    assert second["in_time"] is False
    assert told_titles(workspace.project, 2024).startswith("track record: row 2, late, replayed; head ")
    shares = first["said"]["drivers_title"]["baseline"]
    assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
    leader, other = made.drivers[0], made.drivers[1]
    assert shares[str(leader.who)] / shares[str(other.who)] == pytest.approx((leader.points + 1) / (other.points + 1), rel=1e-3)  # fmt: skip

    save_tables(tiny_tables(seasons=4, races=6, cars=8, upcoming=1), workspace.project.tables)
    assert score(workspace).rows == (), "one race is to come"
    save_tables(tiny_tables(seasons=4, races=6, cars=8, upcoming=0), workspace.project.tables)
    (scored,) = [row for row in score(workspace).rows if row["kind"] == "score"]
    champion = predict_championship(workspace, 2024, provenance={}).drivers[0]
    for side in ("ours", "baseline"):
        p = max(first["said"]["drivers_title"][side][str(champion.who)], 0.5 / 400)
        assert scored["scores"]["drivers_title"][side]["log_loss"] == pytest.approx(-math.log(p), abs=1e-5)
    assert score(workspace).rows == ()
    shown = [(line.state, line.question) for line in lines(workspace.record.rows()) if line.score is not None]
    assert shown == [("in time", "drivers_title"), ("in time", "constructors_title")]
    assert look.verify(workspace).breaks == ()
