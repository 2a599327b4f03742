"""What the order's linear scores read once practice is known, and how orders are learned from the first place on."""

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.estimators.order._few_features import (
    GAP_SCALE_PCT,
    PRACTICE,
    WITH_GRID,
    WITH_PRACTICE,
    WITHOUT_GRID,
    chosen_columns,
    few_features,
    told_by_feature,
)
from pitwall.ml.estimators.order._forward import from_orders
from pitwall.ml.estimators.order._plackett_luce import loss, orders
from pitwall.testing.worlds.labelled import labelled_races, said

FRAME, OUTCOME = labelled_races(races=12, cars=6)
SETTINGS = {"focus": 3.0, "half_life": 4.0, "ridge": 0.2}


def one_race(**columns):
    return FRAME[FRAME["race_id"] == 1].reset_index(drop=True).assign(**columns)


def test_practice_is_read_between_the_start_of_a_weekend_and_its_grid():
    before, after = FRAME.assign(grid=np.nan, **dict.fromkeys(PRACTICE, np.nan)), FRAME.assign(grid=np.nan)
    assert chosen_columns(before) == WITHOUT_GRID
    assert chosen_columns(after) == WITH_PRACTICE
    assert chosen_columns(FRAME) == WITH_GRID


def test_the_columns_of_the_other_stages_are_what_they_were():
    """Models of before a race and before a weekend are the same to the last byte only while these are."""
    assert WITH_GRID == (
        "log_grid",
        "grid",
        "log_quali_gap",
        "running",
        "lap_pace",
        "skill",
        "log_fp2_gap",
        "log_fp3_gap",
    )
    assert WITHOUT_GRID == ("running", "lap_pace", "qualifying", "practice", "skill")


def test_a_teams_practice_is_the_mean_of_its_cars_over_the_sessions_that_they_drove():
    frame = one_race(
        constructor_id=[1, 1, 2, 2, 3, 3],
        fp1_gap_pct=[0.2, np.nan, 1.0, 1.0, np.nan, np.nan],
        fp2_gap_pct=[0.4, 0.9, 1.0, 9.0, np.nan, np.nan],  # the last one is capped at 3 %
        fp3_gap_pct=np.nan,
    )
    first, second = (0.3 + 0.9) / 2, (1.0 + 2.0) / 2
    third = np.mean([first, first, second, second])  # who drove nothing gets the mean of the race
    gaps = GAP_SCALE_PCT * np.log1p(np.array([first, first, second, second, third, third]) / GAP_SCALE_PCT)
    np.testing.assert_allclose(few_features(frame, ("log_team_practice_gap",))[:, 0], gaps - gaps.mean())


def test_a_sprint_weekend_has_one_session_and_the_order_of_rows_does_not_matter():
    frame = one_race(fp2_gap_pct=np.nan, fp3_gap_pct=np.nan)
    columns = few_features(frame, WITH_PRACTICE)
    assert np.isfinite(columns).all()
    turned = few_features(frame.iloc[::-1].reset_index(drop=True), WITH_PRACTICE)
    np.testing.assert_allclose(turned[::-1], columns, atol=1e-12)


def test_what_all_practice_says_is_told_by_its_sessions_evenly():
    column = few_features(FRAME, ("log_team_practice_gap",))
    told = told_by_feature(column, ("log_team_practice_gap",), FRAME)
    assert set(told) == set(PRACTICE)
    for name in PRACTICE:
        np.testing.assert_allclose(told[name], column[:, 0] / 3)


def test_a_scores_parts_sum_to_the_score_at_this_stage_too():
    frame = FRAME.assign(grid=np.nan)
    fitted = estimator("order", "conditional_logit").fit(
        FitInput(frame, OUTCOME, estimator("order", "conditional_logit").default(), 7)
    )
    assert set(fitted.columns) == set(WITH_PRACTICE)
    scores = pd.Series(fitted.scores(frame))
    parts = fitted.contributions(frame).sum(axis=1)
    assert np.ptp(scores - parts) < 1e-9


def test_orders_are_learned_where_the_loss_is_smallest():
    matrix = few_features(FRAME, ("log_quali_gap", "skill"))
    found = from_orders(matrix, FRAME, OUTCOME, SETTINGS)
    season = FRAME.groupby("race_id")["season"].first().to_numpy()
    weight = 0.5 ** ((season.max() - season + 1) / SETTINGS["half_life"])
    apart = [FRAME["race_id"] == race for race in FRAME["race_id"].unique()]

    def whole(beta):
        known = [(FRAME[own], OUTCOME[own].reset_index(drop=True), matrix[own.to_numpy()] @ beta) for own in apart]
        losses = [loss(scores, orders(rows["race_id"].to_numpy(), true, 3.0)) for rows, true, scores in known]
        return float(weight @ losses) + 0.1 * float(beta @ beta)

    for step in (np.array([1e-2, 0]), np.array([0, 1e-2])):
        assert whole(found) < min(whole(found + step), whole(found - step))


def test_who_is_quickest_by_every_sign_is_said_to_be_the_quickest():
    plugin = estimator("order", "pace_logit")
    fitted = plugin.fit(FitInput(FRAME, OUTCOME, plugin.default(), 7))
    race = one_race(qualifying_gap_pct=np.linspace(0, 2, 6), fp2_gap_pct=np.linspace(0, 2, 6))
    race = race.assign(fp1_gap_pct=race["fp2_gap_pct"], fp3_gap_pct=race["fp2_gap_pct"])
    race = race.assign(**{name: 0.0 for name in race if name.endswith("_rating")})
    chances = said(fitted, race)[:, 0]
    assert (np.diff(chances) < 0).all()
    assert said(fitted, race.assign(grid=race["grid"].to_numpy()[::-1]))[:, 0] == pytest.approx(chances), (
        "a slot is no pace"
    )


@pytest.mark.parametrize(
    ("name", "columns", "low_is_good"),
    [
        ("usual_grid", ("driver_grid_mean",), True),
        ("practice_order", ("practice_gap_pct",), True),
        ("pace_order", ("driver_pace_rating", "team_pace_rating"), False),
    ],
)
def test_a_rule_of_one_rank_follows_it(name, columns, low_is_good):
    """In a world in which its rank always decides; a car of which nothing is known is nobody's favourite."""
    rank = OUTCOME["place"].to_numpy(dtype=float)
    frame = FRAME.assign(**dict.fromkeys(columns, rank if low_is_good else -rank))
    plugin = estimator("order", name)
    assert plugin.needs == columns
    fitted = plugin.fit(FitInput(frame, OUTCOME, plugin.default(), 1))
    chances = said(fitted, frame)[:, 0]
    won = OUTCOME["place"].eq(1).to_numpy()
    assert chances[won].min() > chances[~won].max()
    unknown = frame.assign(**{column: frame[column].mask(won) for column in columns})
    assert said(fitted, unknown)[won, 0].max() < chances[won].min()
