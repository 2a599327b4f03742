"""A stored forecast that was edited, renamed, cut short or given another date is noticed, and one that was not is left in peace."""

import json
from hashlib import sha256

import pytest

from pitwall.domain.project import Project
from pitwall.domain.records.stored_forecasts import (
    about,
    examine,
    file_name,
    first_of,
    folder,
    sealed_page,
    stored_forecasts,
    text_of,
)

FORECAST = {
    "race": "2024-06",
    "stage": "pre_race",
    "model": "order-pre_race",
    "version": 3,
    "provenance": {"git.commit": "abc"},
    "rows": [{"driver": "Sergio Pérez", "events": {"race_winner": 0.125}}],
}
MADE = {"made_at": "2024-05-05T19:00:00+00:00", **FORECAST}
PAGE = "<!doctype html>\n<html>12.5 %</html>\n"


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    folder(project).mkdir(parents=True)
    return project


@pytest.fixture
def stored(project):
    path = folder(project) / file_name(MADE)
    path.write_text(text_of(MADE) + "\n", encoding="utf-8")
    path.with_suffix(".html").write_text(sealed_page(PAGE), encoding="utf-8")
    return path


@pytest.fixture
def earlier(project):
    """A file as earlier versions named it."""
    text = json.dumps(FORECAST, indent=2, sort_keys=True, ensure_ascii=False)
    path = folder(project) / f"2024-06-pre_race-{sha256(text.encode()).hexdigest()[:10]}.json"
    path.write_text(text_of(MADE) + "\n", encoding="utf-8")
    path.with_suffix(".html").write_text(PAGE, encoding="utf-8")
    return path


def replaced(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_was_written_is_in_order(project, stored, earlier):
    assert [(each.trouble, each.dated) for each in stored_forecasts(project)] == [("", True), ("", False)]
    stored.write_text(json.dumps(MADE), encoding="utf-8")  # the same said in other white space
    stored.with_suffix(".html").unlink()
    assert examine(stored).trouble == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.125", "0.625", "was edited or renamed after it was stored: by what it says now its name would be 2024-06-"),
        ('"version": 3', '"version": 4', "was edited or renamed"),
        ('"race": "2024-06"', '"race": "2024-07"', "its name would be 2024-07-pre_race-"),
        ("2024-05-05T19", "2024-05-05T12", "was edited after it was stored: its date, now 2024-05-05T12:00:00"),
        ("2024-05-05T19:00:00+00:00", "yesterday", "is damaged: its date is 'yesterday'"),
        ('"model"', '"modell"', "is damaged: it lacks model"),
        ('"version": 3', '"version": "3"', "is damaged: it lacks version"),
        ("{", "[", "is damaged and cannot be read (JSONDecodeError"),
    ],
)
def test_every_edit_is_noticed(stored, old, new, said):
    replaced(stored, old, new)
    found = examine(stored)
    assert said in found.trouble
    assert found.remark.startswith(stored.name)


def test_a_file_cut_short_anywhere_or_not_a_forecast_is_named(stored):
    whole = stored.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 3):
        stored.write_bytes(whole[:length])
        assert "is damaged" in examine(stored).trouble, length
    stored.write_bytes(whole.replace("é".encode(), b"\xe9"))
    assert "is damaged and cannot be read (UnicodeDecodeError" in examine(stored).trouble
    stored.write_text("[1]", encoding="utf-8")
    assert "it holds a list, not a forecast" in examine(stored).trouble


def test_a_renamed_file_is_noticed_and_found_under_both_races(project, stored):
    stored.rename(stored.with_name(stored.name.replace("2024-06", "2024-05")))
    for race in ("2024-05", "2024-06"):
        (found,) = stored_forecasts(project, race)
        assert "was edited or renamed" in found.trouble
    assert stored_forecasts(project, "2024-07") == []


def test_an_edited_page_is_noticed(stored):
    page = stored.with_suffix(".html")
    replaced(page, "12.5 %", "62.5 %")
    assert "has a page" in examine(stored).trouble
    page.write_text(PAGE, encoding="utf-8")
    assert "its last line is gone" in examine(stored).trouble
    page.write_text(sealed_page(PAGE) + "<p>62.5 %</p>", encoding="utf-8")
    assert "has a page" in examine(stored).trouble


def test_forecasts_of_earlier_versions_are_judged_by_their_rule(earlier):
    replaced(earlier, "2024-05-05T19", "2024-05-05T12")
    assert examine(earlier).trouble == ""  # nothing covers the date there; `dated` says so
    replaced(earlier, "0.125", "0.625")
    assert "was edited or renamed" in examine(earlier).trouble


def test_the_first_one_counts_unless_it_was_edited(project, stored):
    assert first_of(project, FORECAST) == stored
    assert about(MADE) == about(FORECAST)
    replaced(stored.with_suffix(".html"), "12.5 %", "62.5 %")
    assert first_of(project, FORECAST) == stored
    replaced(stored, "2024-05-05T19", "2024-05-05T12")
    assert first_of(project, FORECAST) is None
