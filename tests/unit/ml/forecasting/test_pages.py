"""How a forecast is explained and shown: reasons per driver, the page, the picture and the table in a terminal."""

from dataclasses import replace

import pytest
from rich.console import Console

from pitwall.ml.estimators import estimator
from pitwall.ml.forecasting.forecast import EXPLAINED, JUDGED, LEARNED, only, read, store
from pitwall.ml.forecasting.render import document, print_forecast, print_reasons, write_picture
from pitwall.report.html import to_html
from pitwall.testing.worlds.forecasts import GROUPS, JUDGED_RACE, PAST, World


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """A champion that can tell what each feature adds."""
    ratings = (*GROUPS, "driver_rating", "team_rating")
    return World(tmp_path_factory.mktemp("explained"), ratings, model="plackett_luce_trees", baseline="grid_frequency")


def test_reasons_are_the_features_that_make_the_score(explained):
    made = explained.forecast()
    for row in made.rows:
        assert {reason.feature for reason in row.why} == set(estimator("order", "plackett_luce_trees").needs)
        assert {reason.feature: reason.value for reason in row.why}["grid"] == row.detail["grid"]
        sizes = [abs(reason.contribution) for reason in row.why]
        assert sizes == sorted(sizes, reverse=True)
    by_grid = {row.detail["grid"]: sum(reason.contribution for reason in row.why) for row in made.rows}
    assert sum(by_grid.values()) == pytest.approx(0.0, abs=1e-3)
    assert by_grid[1.0] > by_grid[8.0]


def test_reasons_survive_the_store_and_are_shown_everywhere(explained):
    made = read(store(explained.job.project, explained.forecast()))
    assert made == explained.forecast()
    page = to_html(document(made))
    assert page.count("<details") == len(made.rows) + 1
    assert ">Why</h2>" in page
    assert "qualifying gap pct" in page
    with (console := Console(width=160, force_terminal=False)).capture() as said:
        print_reasons(made, console)
    assert f"{made.rows[0].why[0].contribution:+.2f}" in said.get()


def test_reasons_of_a_judged_race_are_labelled(explained):
    assert explained.forecast(race=JUDGED_RACE).labels == (JUDGED, EXPLAINED)


def test_a_model_that_tells_no_features_apart_is_explained_by_group(world):
    made = read(store(world.job.project, world.forecast()))
    assert not any(row.why for row in made.rows)
    assert {reason.group for row in made.rows for reason in row.why_groups} == {"session"}
    by_grid = {row.detail["grid"]: row.why_groups[0].contribution for row in made.rows}
    assert by_grid[1.0] > 0 > by_grid[8.0]
    page = to_html(document(made))
    assert ">Why</h2>" in page
    assert "the values of each group were exchanged" in page
    with (console := Console(width=160, force_terminal=False)).capture() as said:
        print_reasons(made, console)
    assert f"{made.rows[0].why_groups[0].contribution:+.2f}" in said.get()
    assert "tells no features apart" in said.get()


def test_a_model_without_reasons_says_so(world):
    made = world.forecast()
    made = replace(made, rows=tuple(replace(row, why=(), why_groups=()) for row in made.rows))
    assert ">Why</h2>" not in to_html(document(made))
    with (console := Console(width=160, force_terminal=False)).capture() as said:
        print_reasons(made, console)
    assert "cannot tell" in said.get()


def test_the_page_shows_the_baseline_beside_and_where_the_numbers_come_from(world):
    made = world.forecast()
    page = to_html(document(made))
    for row in made.rows:
        for event, chance in row.answers.items():
            both = f"<b>{100 * chance:.1f} %</b><small>{100 * row.baseline[event]:.1f} %</small>"
            assert both in page
    for fact in (made.cutoff, made.provenance["model.content"], made.provenance["frame.md5"], "abc"):
        assert fact in page
    assert 'name="viewport"' in page
    assert "<script" not in page


def test_names_cannot_break_the_page(world):
    made = replace(world.forecast(), race_name="<b>Grand</b> & Prix", labels=("<script>",))
    page = to_html(document(made))
    assert "&lt;b&gt;Grand&lt;/b&gt; &amp; Prix" in page
    assert "<script" not in page


def test_the_report_shows_every_car_and_every_label(world, tmp_path):
    made = world.forecast(race=PAST)
    page = to_html(document(made))
    for row in made.rows:
        assert row.names["driver"] in page
    assert LEARNED in page
    assert "http" not in page
    assert write_picture(made, tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


def test_the_terminal_table_holds_the_numbers(world):
    made = world.forecast()
    with (console := Console(width=160, force_terminal=False)).capture() as said:
        print_forecast(made, console)
    assert made.rows[0].names["driver"] in said.get()
    assert f"{100 * made.rows[0].answers['race_winner']:.1f} %" in said.get()


def test_one_question_alone_is_shown_alone(world, tmp_path):
    made = only(read(store(world.job.project, world.forecast())), ["podium"])
    with (console := Console(width=160, force_terminal=False)).capture() as said:
        print_forecast(made, console)
    assert "P(podium)" in said.get()
    assert "P(win)" not in said.get() + to_html(document(made))
    assert write_picture(made, tmp_path / "f.png").is_file()
