"""The text of intervals and the table of verdicts, which cards, pages, notes and the screen share."""

from types import SimpleNamespace

import pytest

from pitwall.domain.refs import Verdict
from pitwall.report.content.intervals import digits, interval, number, percent, short, span
from pitwall.report.content.verdicts import reason_table, verdict_table

ROW = {"value": 0.5, "low": -0.25, "high": 1.0, "n": 7, "closed": 0.3, "closed_low": 0.1, "closed_high": 0.52}


def test_a_row_and_an_object_give_the_same_text():
    assert interval(ROW) == interval(SimpleNamespace(value=0.5, low=-0.25, high=1.0)) == "0.500 (-0.250 to 1.000)"
    assert interval(None) == ""


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"show": digits(2, "+")}, "+0.50 (-0.25 to +1.00)"),
        ({"show": short, "until": "-"}, ".500 (-.250-1.000)"),
        ({"show": percent, "name": "closed"}, "30% (10% to 52%)"),
        ({"name": "regret"}, ""),
        ({"more": ", 7 races"}, "0.500 (-0.250 to 1.000, 7 races)"),
    ],
)
def test_how_it_is_written_is_told(options, text):
    assert interval(ROW, **options) == text


def test_ends_and_single_numbers():
    assert span(-1, 2, digits(0)) == "-1 to 2"
    assert [number(value) for value in (None, 0.0, -0.12345, 999.4, -4017.2)] == ["", "0", "-0.123", "999", "-4,017"]


def test_verdicts_stand_in_one_table_and_their_reasons_in_another():
    verdicts = [
        Verdict("latency", True, 1234.5, 5000.0, "ms", "quick"),
        Verdict("slices", False, -0.2, None, "nats", "worse", 0.31, "race_winner"),
    ]
    table = verdict_table(verdicts)
    assert table.rows == (
        ("latency", "", "passed", "1,234", "5,000", "", "ms"),
        ("slices", "race_winner", "REFUSED", "-0.2", "", "0.31", "nats"),
    )
    assert set(table.numbers) < set(table.columns)
    assert reason_table(verdicts).rows == (("latency", "", "quick"), ("slices", "race_winner", "worse"))
