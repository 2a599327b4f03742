"""A season under way: the races with results are scored, and table, page, picture and rows say that it is a part."""

import json

import pytest

from pitwall.domain.errors import StageError
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.fold import predict_fold
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.rendering.figures import write_summary
from pitwall.ml.backtest.rendering.markdown import summary_table
from pitwall.ml.backtest.rendering.page import document, race_order
from pitwall.ml.backtest.result import payload
from pitwall.ml.backtest.scores import score
from pitwall.ml.backtest.under_way import record, span
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.training.splits import completed_seasons
from pitwall.report.html import to_html
from pitwall.testing.worlds.backtest import NAME, tiny_project
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import tiny_tables

pytestmark = pytest.mark.slow

RACES = 6


def tables_with(run):
    """Return three seasons and a fourth of which some races were run; the next one has entries, practice and a grid."""
    return tiny_tables(seasons=4, races=RACES, cars=8, upcoming=RACES - run)


def plan_of(home, seasons=(2023, 2024)):
    return make_plan(*home, "pre_race", seasons=list(seasons) or None, only=["championship_order"])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tiny_project(tmp_path_factory.mktemp("home"), tables_with(4))


@pytest.fixture(scope="module")
def made(home):
    return score(forecast_seasons(plan_of(home), workers=0))


@pytest.fixture(scope="module")
def result(made):
    return payload([made], commit="c0ffee", seconds=1.0)


def test_the_races_with_results_are_scored_and_no_other(made):
    plan = made.forecasts.plan
    assert plan.parts == {2024: "4 of 6"}
    assert plan.span == "2023 to 2024 (4 of 6 races)"
    predicted = made.forecasts.predictions
    assert sorted(set(predicted.loc[predicted["season"] == 2024, "round"])) == [1, 2, 3, 4]
    assert plan.task(plan.ours, 2024).test["round"].max() == 4
    assert set(plan.task(plan.ours, 2024).train["season"]) == {2021, 2022, 2023}


def test_rows_say_of_how_many_races_they_are(result):
    rows = {(row["season"], row.get("partial"), row["n"]) for row in result["rows"] if row["metric"] == "log_loss"}
    assert rows == {("all", "2024: 4 of 6", 10), (2023, None, 6), (2024, "4 of 6", 4)}
    assert {row["partial"] for row in result["paired"]} == {"2024: 4 of 6"}
    assert result["facts"]["partial_seasons"] == {"2024": "4 of 6"}
    json.dumps(result, allow_nan=False)


def test_page_picture_table_and_note_say_so(made, result, tmp_path):
    page = to_html(document([made], result))
    assert "<h1>Backtest 2023 to 2024 (4 of 6 races)</h1>" in page
    assert "<td>2024 (4 of 6 races)</td>" in page
    assert "<td>2023</td>" in page
    assert "2024 is a part of a season: 4 of 6 races have results and are scored." in page
    assert list(dict.fromkeys(race_order(made)["tick"])) == ["2023", "2024 (4 of 6 races)"]
    assert summary_table(result["rows"]).endswith("\n\n2024 (4 of 6 races): a part of a season.\n")
    assert write_summary([made], tmp_path / "a.png").stat().st_size > 10_000


def test_completed_seasons_stay_as_they_are(home):
    plan = plan_of(home, ())
    assert (plan.seasons, plan.parts, plan.span) == ((2022, 2023), {}, "2022 to 2023")
    made = score(forecast_seasons(plan, workers=0))
    assert not [row for rows in (made.rows, made.paired) for row in rows if "partial" in row]
    assert "a part of" not in summary_table(made.rows)


def test_a_season_that_lacks_only_its_last_race_is_not_completed():
    assert completed_seasons(tables_with(RACES - 1)) == [2021, 2022, 2023]


def test_one_race_is_enough_and_none_is_refused(tmp_path):
    home = tiny_project(tmp_path / "one", tables_with(1))
    made = score(forecast_seasons(plan_of(home, [2024]), workers=0))
    assert made.forecasts.plan.parts == {2024: "1 of 6"}
    result = payload([made], commit="c0ffee", seconds=1.0)
    assert "2024 (1 of 6 races)" in to_html(document([made], result))
    json.dumps(result, allow_nan=False)
    write_summary([made], tmp_path / "a.png")
    home = tiny_project(tmp_path / "none", tables_with(0))
    with pytest.raises(StageError, match=r"cannot score 2024: .* a race has results.*Usable: 2022 to 2023"):
        plan_of(home, [2024])


def test_a_race_more_is_fitted_again_and_only_its_season(tmp_path):
    home = tiny_project(tmp_path, tables_with(4))
    forecast_seasons(plan_of(home), workers=0)
    add_race(home, 5)
    fitted = []
    forecast_seasons(plan_of(home), workers=0, fit=lambda task: (fitted.append(task.label), predict_fold(task))[1])
    assert sorted(fitted) == ["championship_order 2024", "grid_frequency 2024"]


def add_race(home, run):
    tables = tables_with(run)
    save_tables(tables, home[0].tables)
    order_frame(tables).to_parquet(home[0].frame(NAME), index=False)


def log_of(project: Project):
    return [json.loads(line) for line in (project.mlruns / holdout_log.FILE).read_text().splitlines()]


def test_a_look_at_a_part_is_written_down_as_one_and_goes_on_with_the_season(tmp_path):
    home = tiny_project(tmp_path, tables_with(3))
    for run in (3, 4, 4, 6):
        add_race(home, run)
        made = forecast_seasons(plan_of(home), workers=0)
        record(made)
    rows = log_of(home[0])
    assert [row["parts"] for row in rows] == [{"2024": "3 of 6"}, {"2024": "4 of 6"}]
    assert rows[1]["goes_on"] == [rows[0]["predictions"]]
    own = by_estimator(made.predictions)["grid_frequency"]
    assert holdout_log.count(home[0], NAME, own) == 1
    holdout_log.record(home[0], NAME, own)  # the season is complete, and this very recipe is a candidate
    assert holdout_log.count(home[0], NAME, own) == 1
    other = own.assign(place_1=own["place_2"], place_2=own["place_1"])
    holdout_log.record(home[0], NAME, other)
    assert holdout_log.count(home[0], NAME, other) == 2
    holdout_log.record(home[0], NAME, other.query("season == 2024 and round < 4").assign(place_1=0.5), {2024: "3 of 6"})
    assert holdout_log.count(home[0], NAME, own) == 3, (
        "a part that somebody else's recipe was scored on opens the season"
    )
    assert holdout_log.count(home[0], NAME, own.query("season == 2023")) == 2, "it opens no other season"


def test_a_part_in_the_middle_is_named_too():
    assert span([2021, 2022, 2023], {2022: "16 of 17"}) == "2021 to 2023, 2022 (16 of 17 races)"
    assert span([2024], {2024: "1 of 24"}, until="-") == "2024 (1 of 24 races)"
