"""Figures from plain numbers: the same bytes again, and nothing that was handed over is left out."""

import re
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib import image

from pitwall.report.figures import interactive
from pitwall.report.figures.calibration import calibration_figure
from pitwall.report.figures.canvas import canvas, png, write_png
from pitwall.report.figures.curves import curves_figure
from pitwall.report.figures.forest import forest
from pitwall.report.figures.heat_map import heat_map
from pitwall.report.figures.histograms import ACROSS, Histogram, histograms
from pitwall.report.figures.palette import painted

REPO = Path(__file__).resolve().parents[3]
BINS = pd.DataFrame(
    {
        "low": [0.0, 0.5, 0.9],
        "high": [0.5, 0.9, 1.0],
        "n": [90, 10, 0],
        "forecast": [0.1, 0.6, np.nan],
        "observed": [0.12, 0.5, np.nan],
        "band_low": [0.08, 0.3, np.nan],
        "band_high": [0.2, 0.7, np.nan],
    }
)
MATRIX = np.array([[0.7, 0.3], [0.3, 0.7]])
GAIN = SimpleNamespace(value=0.1, low=-0.1, high=0.3, n=12)
CURVE = {"at": [0.0, 5.0], "value": [0.0, 0.2], "low": [0.0, 0.1], "high": [0.0, 0.4]}
DRAWN = {
    "calibration": lambda: calibration_figure(BINS, "Who wins?"),
    "curves": lambda: curves_figure({"soft": CURVE, "hard": CURVE}, "wear", ("age", "s")),
    "forest": lambda: forest({"a": {"wet": GAIN, "dry": GAIN}, "b": {"dry": GAIN}}),
    "heat_map": lambda: heat_map(MATRIX, ["Ada", "Bo"], "P(place)"),
    "histograms": lambda: histograms([Histogram("f (90%)", [0.0, 1.0, 2.0], [3, 4]), Histogram("g", [], [])], "all"),
}


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in (*axes.texts, *axes.get_yticklabels(), axes.title)]


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_numbers_give_the_same_bytes(name):
    first = png(DRAWN[name]())
    assert first.startswith(b"\x89PNG")
    assert png(DRAWN[name]()) == first
    assert b"Software" not in first


def test_calibration_shows_each_bin_that_holds_something():
    figure = DRAWN["calibration"]()
    assert {"n=90", "n=10", "Who wins?"} <= set(texts(figure))
    assert "n=0" not in texts(figure)


def test_a_forest_has_a_line_for_every_name_and_says_how_many_races():
    assert {"wet (12)", "dry (12)", "a", "b"} <= set(texts(DRAWN["forest"]()))


def test_every_histogram_has_its_panel():
    shown = [axes for axes in DRAWN["histograms"]().axes if axes.get_visible()]
    assert [axes.get_title() for axes in shown] == ["f (90%)", "g"]
    many = histograms([Histogram(str(number), [0.0, 1.0], [1]) for number in range(ACROSS + 1)], "all")
    assert sum(axes.get_visible() for axes in many.axes) == ACROSS + 1


def test_notes_are_seen_in_the_picture():
    amber = []
    for notes in ((), ["mind " * 60, "gap"]):
        drawn = image.imread(BytesIO(png(heat_map(MATRIX, ["Ada", "Bo"], "t", colours="Blues", notes=notes))))
        amber.append((drawn[..., 0] - drawn[..., 2] > 0.2).sum())
    assert amber[0] == 0
    assert amber[1] > 500


def test_a_canvas_is_as_large_as_was_asked(tmp_path):
    small, large = (write_png(canvas(2, 1), tmp_path / "a" / f"{dpi}.png", dpi) for dpi in (50, 100))
    assert [image.imread(path).shape[:2] for path in (small, large)] == [(50, 100), (100, 200)]


def luminance(channels):
    parts = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


def test_shades_run_from_pale_to_dark_and_every_number_on_them_can_be_read():
    styles = [re.fullmatch(r"background:(rgb\(.*\));color:(#000|#fff)", painted(p)) for p in (0.0, 0.6, 1.0)]
    assert [style[1] for style in styles] == ["rgb(247,251,255)", "rgb(8,48,107)", "rgb(8,48,107)"]
    for chance in np.linspace(0, 1, 400):
        shade, ink = painted(chance).split(";color:")
        back = luminance([int(each) / 255 for each in re.findall(r"\d+", shade)])
        text = luminance([1.0] * 3 if ink == "#fff" else [0.0] * 3)
        light, dark = sorted((back, text), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, chance


def test_a_course_marks_where_each_season_begins():
    course = interactive.Course(["2023-01 A", "2023-02 B", "2024-01 C"], ["2023", "2023", "2024"])
    values = {"own": np.array([1.0, 3.0, 2.0]), "base": np.array([2.0, 2.0, 2.0]), "other": np.ones(3)}
    figure = interactive.running_mean(values, course, "own", "base", "loss", unit="nats")
    assert (figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext) == ((1, 3), ("2023", "2024"))
    lines = {trace.name: trace for trace in figure.data}
    assert list(lines["own, mean so far"].y) == [1.0, 2.0, 2.0]
    assert lines["other, mean so far"].visible == "legendonly"
    assert "other, each race" not in lines
    assert list(lines["own, each race"].text) == course.labels
    gained = interactive.cumulative({"base": values["base"] - values["own"]}, course, "t", unit="nats")
    assert list(gained.data[0].y) == [1.0, 0.0, 0.0]


def test_interactive_figures_hold_all_their_numbers():
    bars = interactive.bars(["small", "large"], np.array([[0.1, 0.0, 0.3], [0.5, 0.4, 0.6]]), "t", unit="nats").data[0]
    assert list(bars.y) == ["small", "large"]
    assert list(bars.error_x.array) == pytest.approx([0.2, 0.1])
    shades = interactive.heat_map(MATRIX, ["Ada", "Bo"], "t").data[0]
    assert (list(shades.x), list(shades.y), shades.z.tolist()) == ([1, 2], ["Ada", "Bo"], MATRIX.tolist())
    traces = interactive.calibration({"own": BINS}, "t").data
    assert [list(trace.y) for trace in traces[1:]] == [[0.12, 0.5], [90, 10]]
    means = pd.DataFrame({"mean": [1.0], "sem": [np.nan], "size": [1]}, index=[1])
    assert list(interactive.by_round({"own": means}, "t", unit="u").data[0].error_y.array) == [0.0]


def test_an_interactive_figure_is_the_same_text_again():
    first, second = (interactive.embed(interactive.heat_map(MATRIX, ["Ada", "Bo"], "t")) for _ in range(2))
    assert first == second
    assert first != interactive.embed(interactive.heat_map(MATRIX, ["Ada", "Bo"], "u"))


def test_a_hostile_label_cannot_leave_an_interactive_figure():
    drawn = interactive.embed(interactive.heat_map(MATRIX, ["</script><script>alert(1)", "Bo"], "t"))
    assert drawn.plotly
    assert "</script><script>alert" not in drawn.markup


@pytest.mark.parametrize("owned", ["FigureCanvasAgg", '"#c81d25"', '"#1f2933"', "<!doctype", "from html import escape"])
def test_canvas_colours_and_markup_have_one_owner(owned):
    code = [path for folder in ("src", "studies", "benchmarks", "tasks") for path in (REPO / folder).rglob("*.py")]
    report = REPO / "src" / "pitwall" / "report"
    assert [path for path in code if owned in path.read_text() and report not in path.parents] == []
