"""The rules of single seasons, as the regulations and the tables of those years have them."""

import pytest

from pitwall.domain.racing.championship.decisions import DECISIONS, decisions
from pitwall.domain.racing.championship.points import factor_of, shortened_points
from pitwall.domain.racing.championship.rules import UNIT, exact, rules_of, shown


@pytest.mark.parametrize(
    ("season", "win", "places", "fastest", "sprint"),
    [
        *[(1950, 8, 5, 1, 0), (1960, 8, 6, 0, 0), (1961, 9, 6, 0, 0), (1991, 10, 6, 0, 0), (2003, 10, 8, 0, 0)],
        *[(2018, 25, 10, 0, 0), (2019, 25, 10, 1, 0), (2021, 25, 10, 1, 3), (2022, 25, 10, 1, 8), (2025, 25, 10, 0, 8)],
    ],
)
def test_points_by_season(season, win, places, fastest, sprint):
    rules = rules_of(season)
    assert (rules.race[0], len(rules.race)) == (win, places)
    assert (rules.fastest_lap.points if rules.fastest_lap else 0) == fastest
    assert (rules.sprint[0] if rules.sprint else 0) == sprint


def test_what_counts_by_season():
    assert rules_of(1988).driver_results[0].most == 11
    assert rules_of(1988).team_results == ()
    assert [(part.most, part.first) for part in rules_of(1967).driver_results] == [(5, 1), (4, 7)]
    assert rules_of(1991).driver_results == ()
    assert rules_of(1961).team_race[0] == 8
    assert (rules_of(1978).best_car_only, rules_of(1979).best_car_only) == (True, False)


def test_races_that_counted_half_or_twice():
    assert {factor_of(season, number) for season, number in ((1975, 4), (1984, 6), (2021, 12))} == {0.5}
    assert (factor_of(2014, 19), factor_of(2014, 18), factor_of(2016, 21)) == (2.0, 1.0, 1.0)


def test_a_race_to_come_counts_as_was_announced():
    assert (rules_of(2014).factor(19), rules_of(2021).factor(12)) == (2.0, 1.0)  # nobody knew that it would be stopped


def test_a_race_that_is_stopped_early_is_worth_less():
    assert [shortened_points(2023, share)[0] for share in (0.1, 0.3, 0.6, 0.8)] == [6, 13, 19, 25]
    assert shortened_points(1991, 0.2) == (5.0, 3.0, 2.0, 1.5, 1.0, 0.5)


def test_points_are_exact_whatever_they_were_divided_by():
    assert exact(1.33) * 3 == 4 * UNIT
    assert exact(0.14) * 7 == UNIT
    assert shown(exact(12.5)) == 12.5


def test_decisions_hold_from_the_round_after_which_tables_show_them():
    assert decisions(2020, "teams", 4) == {}
    assert decisions(2020, "teams", 5)["racing_point"][0].fewer == 15
    assert len(decisions(2007, "teams", 17)["mclaren"]) == 2
    assert all(each.excluded or each.fewer or each.void for each in DECISIONS)
