"""The gate on retirements: real seasons pass, a history of survivors does not, whether it lost them in one season or in all."""

from dataclasses import replace

import pandas as pd
import pytest

from pitwall.ml.gates import gate, run_gate
from pitwall.ml.gates.retirement_share import seasons
from pitwall.ml.training.splits import outcomes

# starters and retired cars of the real seasons, by the rule of the table `results` (docs/gates.md)
REAL = {
    **{2014: (75, 404), 2015: (67, 371), 2016: (74, 457), 2017: (85, 399), 2018: (77, 420), 2019: (48, 420)},
    **{2020: (51, 338), 2021: (48, 437), 2022: (63, 439), 2023: (49, 437), 2024: (43, 476)},
}


def _table(changes=(), until=2024):
    counts = {season: pair for season, pair in {**REAL, **dict(changes)}.items() if season <= until}
    return pd.DataFrame.from_dict(counts, orient="index", columns=["retired", "starts"])


def _refused(changes=(), first=2020, until=2024):
    return [each.season for each in seasons(_table(changes, until), first) if not each.passes]


def _lost(season, share=1.0):
    retired, starts = REAL[season]
    gone = round(share * retired)
    return {season: (retired - gone, starts - gone)}


def test_the_judged_real_seasons_pass():
    assert _refused() == []


def test_a_better_season_is_borne_out_by_those_since_and_is_refused_while_it_is_the_newest():
    assert _refused(first=2019, until=2023) == []
    assert _refused(first=2019, until=2019) == [2019]


@pytest.mark.parametrize("season", range(2020, 2025))
def test_a_season_without_its_retired_cars_is_refused(season):
    assert season in _refused(_lost(season))


def test_most_of_them_lost_is_enough():
    assert _refused(_lost(2024, 0.6)) == [2024]
    assert _refused(_lost(2022, 0.8)) == [2022]


def test_lost_for_good_or_in_all_seasons_is_refused_too():
    everywhere = {season: counts for year in REAL for season, counts in _lost(year).items()}
    assert _refused(everywhere) == [2020, 2021, 2022, 2023, 2024]
    since = {season: counts for year in (2021, 2022, 2023, 2024) for season, counts in _lost(year).items()}
    assert _refused(since) == [2021, 2022, 2023, 2024]


def test_twice_as_many_are_refused():
    assert 2023 in _refused({2023: (110, 437)})


def test_a_few_starts_are_no_ground_to_refuse():
    assert _refused({2024: (0, 40)}) == []


def _ask(candidate):
    (verdict,) = run_gate(gate("retirement_share"), candidate)
    return verdict


def test_the_verdict_tells_every_judged_season_and_the_smallest_effect(good):
    verdict = _ask(good)
    assert verdict.passed
    assert all(str(season) in verdict.reason for season in range(2022, 2026))
    assert 0.05 < verdict.detectable < 0.3
    assert verdict.measured is not None and verdict.limit is not None


def _without_retired(good, judged):
    out = outcomes("order", good.tables, good.frame)["retired"].astype(bool)
    return replace(good, frame=good.frame[~(out & judged)].reset_index(drop=True))


def test_survivors_of_one_season_or_of_all_are_refused_by_name(good):
    one = _ask(_without_retired(good, good.frame["season"] == 2024))
    assert not one.passed
    assert "too few retirements in 2024, 0 of" in one.reason
    assert "look for lines that its results lack" in one.reason
    assert not _ask(_without_retired(good, good.frame["season"] > 0)).passed


def test_results_that_lost_their_retired_cars_are_refused_where_the_frame_keeps_them(good):
    results = good.tables["results"].merge(good.tables["races"][["race_id", "season"]], on="race_id")
    kept = results[~(results["retired"] & (results["season"] == 2025))].drop(columns="season")
    assert not _ask(replace(good, tables=good.tables.replace(results=kept))).passed


def test_a_world_of_one_season_has_nothing_to_compare(good):
    only = good.frame[good.frame["season"] == 2025].reset_index(drop=True)
    own = good.predictions[good.predictions["season"] == 2025]
    verdict = _ask(replace(good, frame=only, predictions=own))
    assert verdict.passed
    assert "nothing to compare" in verdict.reason
