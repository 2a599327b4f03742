"""Which sources a project uses: one of results, any number of laps, and what choosing another one drops."""

from __future__ import annotations

import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.params import Params
from pitwall.sources import chosen_sources, results_source, sources, with_source

REAL = Params(sources={"fastf1_laps": {"location": "laps"}, "ergast": {"location": "here", "max_download_mb": 7}})
KNOWN = sources()


def test_laps_are_added() -> None:
    before = Params(sources={"ergast": {"location": "here"}})
    after = with_source(before, KNOWN["fastf1_laps"], "laps")
    assert after == {"ergast": {"location": "here"}, "fastf1_laps": {"location": "laps"}}


def test_another_place_of_the_same_world_keeps_laps_and_settings() -> None:
    assert with_source(REAL, KNOWN["ergast"], "there") == {
        "fastf1_laps": {"location": "laps"},
        "ergast": {"location": "there", "max_download_mb": 7},
    }


def test_another_world_drops_laps() -> None:
    assert with_source(REAL, KNOWN["synthetic"], None) == {"synthetic": {}}
    assert with_source(Params(sources={"synthetic": {"seed": 4}}), KNOWN["synthetic"], None) == {
        "synthetic": {"seed": 4}
    }


def test_the_source_of_results_comes_first() -> None:
    assert [source.name for source in chosen_sources(REAL)] == ["ergast", "fastf1_laps"]
    assert results_source(REAL).name == "ergast"
    assert KNOWN["ergast"].location(REAL) == "here"


@pytest.mark.parametrize("chosen", [{}, {"fastf1_laps": {}}, {"ergast": {}, "synthetic": {}}])
def test_there_is_exactly_one_source_of_results(chosen: dict[str, dict[str, str]]) -> None:
    with pytest.raises(UsageError, match="exactly one"):
        results_source(Params(sources=chosen))


def test_a_choice_repairs_a_project_without_results() -> None:
    assert with_source(Params(sources={}), KNOWN["synthetic"], None) == {"synthetic": {}}
