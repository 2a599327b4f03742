"""Odds beside our forecasts: what is known by the cut-off, without the margin, paired race by race, and nothing else is touched."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.tables import load_tables
from pitwall.domain.when import Stage, cutoffs
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.market import READS, read_market, without_margin
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.result import payload
from pitwall.ml.backtest.scores import score
from pitwall.testing.worlds.backtest import tiny_project

MARGIN = 1.08


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    project, params = tiny_project(tmp_path_factory.mktemp("home"))
    return make_plan(project, params, "pre_race", seasons=[2024], only=["championship_order"])


@pytest.fixture(scope="module")
def forecasts(plan):
    return forecast_seasons(plan, workers=0)


@pytest.fixture(scope="module")
def tables(plan):
    return load_tables(plan.job.project.tables, list(READS))


@pytest.fixture(scope="module")
def quotes(plan, forecasts, tables):
    """Return odds that say what ours says, with a margin, an hour before the cut-off, for every race of the season."""
    own = forecasts.predictions.query("estimator == 'grid_frequency'")
    cutoff = cutoffs(plan.tables["races"].set_index("race_id"), Stage.PRE_RACE)
    refs = tables["drivers"].drop_duplicates("driver_id").set_index("driver_id")["ref"]
    return pd.DataFrame(
        {
            "season": own["season"],
            "round": own["round"],
            "driver": own["driver_id"].map(refs),
            "odds": 1 / (own["place_1"] * MARGIN).clip(upper=0.99),
            "as_of": (own["race_id"].map(cutoff) - pd.Timedelta(hours=1)).map(pd.Timestamp.isoformat),
        }
    ).reset_index(drop=True)


@pytest.fixture
def scored(plan, forecasts, tables, tmp_path):
    def of(frame, told=None):
        frame.to_csv(tmp_path / "odds.csv", index=False)
        market = read_market(tmp_path / "odds.csv", tables)
        return market, score(told or forecasts, market)

    return of


def value(rows, **wanted):
    (found,) = [row for row in rows if all(row.get(name) == each for name, each in wanted.items())]
    return found


def test_a_market_is_a_reference_row_with_a_paired_difference(scored, quotes, forecasts):
    market, made = scored(quotes)
    row = value(made.rows, template="race_winner", model="market", metric="log_loss", season="all")
    ours = value(made.rows, template="race_winner", role="ours", metric="log_loss", season="all")
    assert (row["role"], row["n"]) == ("market", 6)
    assert row["value"] == pytest.approx(ours["value"], abs=0.05)  # they say the same but for the margin
    pair = value(made.paired, template="race_winner", against="market", metric="log_loss")
    assert (pair["against_role"], pair["n"]) == ("market", 6)
    assert pair["value"] == pytest.approx(row["value"] - ours["value"])
    assert not [each for each in made.rows if each["role"] == "market" and each["template"] != "race_winner"]
    assert market.set_aside == ()
    facts = payload([made], commit="0" * 40, seconds=1.0, market=market)["facts"]
    assert facts["market"]["quotes"] == len(quotes)
    assert len(facts["market"]["md5"]) == 32
    assert set(forecasts.predictions["role"]) == {"model", "baseline"}, "what is fitted and cached knows no market"


def test_columns_may_be_written_in_full(scored, quotes):
    full = quotes.rename(columns={"season": "Season", "odds": "decimal odds", "as_of": "as-of time"})
    assert scored(full)[1].rows == scored(quotes)[1].rows


def test_odds_after_the_cut_off_are_not_known_and_the_newest_before_it_counts(scored, quotes, plan):
    ours = scored(quotes)[1]
    early = quotes.assign(odds=2.0, as_of="2000-01-01T00:00:00Z")
    late = quotes.assign(odds=2.0, as_of="2100-01-01T00:00:00Z")
    again = scored(pd.concat([quotes, early, late]))[1]
    assert again.rows == ours.rows
    none = scored(late)[1]
    assert not [row for row in none.rows if row["role"] == "market"]
    assert f"12 of 12 cars have no quote by the cut-off of {plan.stage}" in " ".join(none.notes)


def test_a_race_without_a_quote_for_every_car_is_left_out_whoever_won(scored, quotes):
    lacking = quotes.drop(index=quotes.index[(quotes["round"] == 3)][:1])
    _, made = scored(lacking)
    row = value(made.rows, template="race_winner", model="market", metric="log_loss", season="all")
    assert row["n"] == 5
    assert "2024-03 (1 of 12 cars have no quote" in " ".join(made.notes)


def test_other_questions_are_quoted_by_name(scored, quotes):
    podium = quotes.assign(template="podium", odds=3.5)
    rows = scored(podium)[1].rows
    brier = value(rows, template="podium", model="market", metric="brier", season="all")
    assert brier["value"] == pytest.approx(3 / 12 * (9 / 12) ** 2 + 9 / 12 * (3 / 12) ** 2)  # 1/4 for everybody
    assert not [row for row in rows if row["role"] == "market" and row["template"] != "podium"]


def test_lines_that_cannot_be_used_are_set_aside_with_the_reason(scored, quotes):
    odd = quotes.astype(object).iloc[:6].copy()
    odd.iloc[0, 3] = 0.9
    odd.iloc[1, 2] = "nobody"
    odd.iloc[2, 4] = "yesterday, perhaps"
    odd.iloc[3, 1] = 99
    odd.iloc[4, 3] = "evens"
    twice = quotes.iloc[[-1, -1]]
    market, made = scored(pd.concat([odd.iloc[:5], quotes.iloc[5:-1], twice]))
    assert [each["line"] for each in market.set_aside] == [2, 3, 4, 5, 6, len(quotes) + 1, len(quotes) + 2]
    reasons = " | ".join(each["reason"] for each in market.set_aside)
    for part in ("greater than 1; found 0.9", "nobody", "evens", "2024-99", "another line quotes this car"):
        assert part in reasons
    assert value(made.rows, template="race_winner", model="market", metric="log_loss", season="all")["n"] == 4


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("season,round,driver,price\n2024,1,a,2\n", "no column odds, as_of"),
        ("", "no column season"),
        ("season,round,driver,odds,as_of\n2024,1\n", "no line that can be used. line 2"),
        ("season,round,driver,odds,as_of\n2024,1,nobody,2,2024-01-01\n", "no line that can be used. line 2"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, tables, content, part):
    path = tmp_path / "odds.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=part):
        read_market(path, tables)
    with pytest.raises(SourceError, match="cannot be read"):
        read_market(tmp_path / "none.csv", tables)


def test_chances_come_to_the_number_of_cars_and_outsiders_lose_most_of_the_margin():
    odds = np.array([1.5, 4.0, 9.0, 21.0, 101.0])
    chances = without_margin(odds, 1)
    assert chances.sum() == pytest.approx(1.0)
    shrunk = chances * odds
    assert (np.diff(shrunk) < 0).all()
    assert without_margin(np.full(12, 3.0), 3) == pytest.approx(np.full(12, 0.25))
    assert without_margin(np.array([2.2, 2.2]), 1) == pytest.approx([0.5, 0.5]), "a book below one is scaled up"
