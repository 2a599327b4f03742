"""The report page and the picture of a backtest: self-contained, complete, nothing from the data gets in unescaped."""

import re

import pytest

from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.rendering.figures import headline, write_summary
from pitwall.ml.backtest.rendering.page import document, last_race, race_order
from pitwall.ml.backtest.result import payload
from pitwall.ml.backtest.scores import score
from pitwall.ml.families.order.answer import place_columns
from pitwall.report.html import to_html
from pitwall.testing.worlds.backtest import tiny_project
from pitwall.testing.worlds.tiny import tiny_tables

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    tables = tiny_tables(seasons=7, races=4, cars=8)
    circuits = tables["circuits"].assign(name=EVIL)
    project, params = tiny_project(tmp_path_factory.mktemp("home"), tables.replace(circuits=circuits))
    plan = make_plan(project, params, "pre_race", seasons=list(range(2023, 2028)), only=["championship_order"])
    return score(forecast_seasons(plan, workers=0))


@pytest.fixture(scope="module")
def page(made):
    return to_html(document([made], payload([made], commit="c0ffee", seconds=1.0)))


@pytest.fixture(scope="module")
def own(page):
    """The page without the copy of Plotly."""
    head, rest = page.split("<script>", 1)
    return head + rest.split("</script>", 1)[1]


def test_the_page_fetches_nothing_and_holds_plotly_once(page, own):
    assert page.count("plotly.js v") == 1
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", own)
    assert "@import" not in own
    assert "http" not in re.sub(r'"https?://[^"]*plot(\.ly|ly)[^"]*"', "", own)


def test_every_question_has_its_charts_and_tables(own):
    for name in ("race_winner", "podium", "points"):
        assert f'id="pre_race-{name}"' in own
    for words in ("running mean", "Cumulative skill", "Calibration", "by race of the season", "Permutation importance"):
        assert own.count(words) >= 3, words
    for model in ("grid_frequency", "championship_order", "always_yes", "always_no"):
        assert f">{model}</td>" in own
    assert "wet: more than 1% of the laps on intermediate or wet tyres" in own
    assert "c0ffee" in own


def test_names_from_the_data_are_escaped(own):
    assert EVIL not in own
    assert "&lt;script&gt;alert(1)" in own


def test_races_are_in_the_order_of_time_and_the_heat_map_shows_the_last(made):
    races = race_order(made)
    assert races["season"].is_monotonic_increasing
    assert races.groupby("season")["round"].apply(lambda rounds: rounds.is_monotonic_increasing).all()
    matrix, names, title = last_race(made)
    assert matrix.shape == (8, 8)
    last = made.forecasts.predictions["race_id"] == races["race_id"].iloc[-1]
    own = made.forecasts.predictions[last & (made.forecasts.predictions["role"] == "model")]
    assert matrix[0].tolist() in own[place_columns(own)].to_numpy().tolist()
    assert set(names) <= set(made.forecasts.plan.tables["drivers"]["name"])
    assert "2027-04" in title


def test_the_picture_shows_the_rarest_event_and_is_the_same_again(made, tmp_path):
    assert headline(made).name == "race_winner"
    first = write_summary([made], tmp_path / "a" / "one.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert write_summary([made], tmp_path / "two.png").read_bytes() == first
