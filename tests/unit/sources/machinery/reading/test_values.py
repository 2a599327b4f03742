"""One value as programs write it, and columns that only read as a whole."""

from datetime import datetime

import pytest

from pitwall.sources.machinery.reading import instants, values
from pitwall.sources.machinery.reading.instants import WrongForm, read_clocks, read_dates, read_instants
from pitwall.sources.machinery.reading.values import NO_WORDS, flag, has_comma, is_null, number, seconds, whole


@pytest.mark.parametrize("module", [values, instants])
def test_examples_run(module: object) -> None:
    import doctest

    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["\\N", "", " ", "NA", "n/a", "NULL", "Nan", "NaN", "None", "<NA>", "NaT", " nan ", "#N/A"]
)
def test_words_for_null(text: str) -> None:
    assert is_null(text)


@pytest.mark.parametrize("text", ["0", "Nannini", "Null", "None", "NA"])
def test_a_needed_text_may_be_such_a_word(text: str) -> None:
    assert not is_null(text, NO_WORDS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("12.0", 12),
        ("1e3", 1000),
        (" 7 ", 7),
        ('"7"', 7),
        ("+5", 5),
        ("1_000", None),
        ("1,5", None),
        ("0x1", None),
        ("1.5", None),
    ],
)
def test_whole_numbers(text: str, value: float | None) -> None:
    assert whole(text) == value


def test_numbers_with_commas_are_known_and_not_misread() -> None:
    for text in ("1,5", "5,690,616", "1:23,456", "5 690 616", "5'690'616"):
        assert has_comma(text) and number(text) is None
    assert not has_comma("1.5") and not has_comma("12")


def test_flags() -> None:
    assert [flag(text) for text in ("TRUE", "t", "Yes", "1.0", "False", "N", "0", "maybe")] == [
        *[True] * 4,
        *[False] * 3,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1:33.123", 93.123),
        ("93.123", 93.123),
        ("1:33", 93.0),
        ("1:02:03.5", 3723.5),
        ("0 days 00:01:33.123000", 93.123),
        ("1 days 00:00:01", 86401.0),
        ("0 days", 0.0),
        ("0:01:33.123000", 93.123),
        ("1 day, 0:00:01", 86401.0),
        ("1970-01-01 00:01:33.123", 93.123),
        ("PT1M33.123S", 93.123),
        ("P0DT0H1M33.123S", 93.123),
        ("1'33.123", 93.123),
        ("1:75.000", None),
        ("1:60:00", None),
        ("+1:33.1", None),
        ("+1 Lap", None),
        ("-1 days +23:59:59", None),
        ("1:2:3:4", None),
        ("1:33,123", None),
        ("", None),
    ],
)
def test_lap_times(text: str, value: float | None) -> None:
    assert seconds(text) == value


DAY = datetime(1995, 9, 23)


@pytest.mark.parametrize(
    "text",
    [
        *("1995-09-23", "1995/9/23", "1995.09.23", "19950923", "1995-09-23 00:00:00", "1995-09-23T00:00:00.000Z"),
        *(
            "1995-09-23T00:00:00+02:00",
            "23 September 1995",
            "23-Sep-1995",
            "Sep 23, 1995",
            "23/09/1995",
            "9/23/1995",
            "23.9.1995",
        ),
        "23/09/1995 00:00",
    ],
)
def test_a_day_in_the_forms_that_people_have(text: str) -> None:
    assert read_dates([text]) == {text: DAY}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024-03-02T15:00:00Z", datetime(2024, 3, 2, 15)),
        ("2024-03-02 23:30:00-05:00", datetime(2024, 3, 3, 4, 30)),
        ("2024-03-02T15:00:00.250+0100", datetime(2024, 3, 2, 14, 0, 0, 250_000)),
    ],
)
def test_a_date_that_is_an_instant_keeps_its_time_in_utc(text: str, at: datetime) -> None:
    assert read_dates([text]) == {text: at} == read_instants([text])


def test_a_column_proves_which_part_is_the_day() -> None:
    assert read_dates(["02/03/2024", "23/03/2024"])["02/03/2024"] == datetime(2024, 3, 2)
    assert read_dates(["02/03/2024", "03/23/2024"])["02/03/2024"] == datetime(2024, 2, 3)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (
            ["02/03/2024", "04/05/2024"],
            "does not prove whether day or month comes first \\('02/03/2024', '04/05/2024'\\)",
        ),
        (["23/03/2024", "03/23/2024"], "day first in '23/03/2024' and the month first in '03/23/2024'"),
        (["2024-03-02", "23/03/2024"], "mixes '2024-03-02' with '23/03/2024'"),
        (["3/5/1990", "23/09/1995", "01/02/1990"], "mixes '01/02/1990' with '3/5/1990'"),
        (["23/09/95"], "years of two digits"),
        (["02-Mar-24"], "years of two digits"),
        (["45353", "45354", "45360.5"], "bare numbers"),
        (["1709391600", "1709996400", "1710601200"], "bare numbers"),
    ],
)
def test_a_column_of_dates_that_proves_nothing_is_refused(texts: list[str], says: str) -> None:
    with pytest.raises(WrongForm, match=f"{says}.*write .*dates as YYYY-MM-DD"):
        read_dates(texts)


def test_what_is_no_date_is_null_where_the_rest_is_plain() -> None:
    read = read_dates(["1985-01-07", "1990-13-01", "unknown", "31/02", "5", "NA", "tbc"])
    assert [text for text, day in read.items() if day] == ["1985-01-07"]
    assert "NA" not in read and "tbc" not in read


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        *[
            ("15:00", 15),
            ("15:00:00", 15),
            ("15:00:00Z", 15),
            ("15:00:00.000", 15),
            ("3:00:00 PM", 15),
            ("12:30 am", 0.5),
        ],
        *[
            ("16:00:00+01:00", 15),
            ("23:00:00-05:00", 28),
            ("00:30+0100", -0.5),
            ("0 days 15:00:00", 15),
            ("15:00 UTC", 15),
        ],
        *[("2024-03-02T15:00:00Z", 15), ("1900-01-01 15:00:00", 15)],
    ],
)
def test_times_of_day_are_in_utc(text: str, hours: float) -> None:
    assert read_clocks([text]) == {text: hours * 3600}


def test_times_of_day_that_are_none() -> None:
    assert read_clocks(["25:00", "noon", "13:00 PM", "7"]) == dict.fromkeys(["25:00", "noon", "13:00 PM", "7"])
    with pytest.raises(WrongForm, match="bare numbers where a time of day is expected .*HH:MM:SS"):
        read_clocks(["0.625", "0.5833", "0.75"])


def test_an_instant_needs_a_time_of_day_and_is_utc_without_a_zone() -> None:
    read = read_instants(["2024-07-28 18:30", "2024-07-28T20:30:00+02:00", "2024-07-28"])
    assert list(read.values()) == [datetime(2024, 7, 28, 18, 30)] * 2 + [None]
