"""What a stored forecast is scored by is what a backtest scores: the family's metrics of its full answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.data.calendar import find_race
from pitwall.ml.evaluation.scoring import family_of, template_scores
from pitwall.ml.families.regression.metrics import COLUMNS
from pitwall.ml.forecasting.record.scores import full_answers, needed, scores_of
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import template
from pitwall.testing.worlds.tiny import tiny_tables


def test_numbers_are_scored_by_all_of_their_quantiles_and_without_them_not_at_all():
    tables, question = tiny_tables(seasons=2, races=3, cars=6), template("gap_finish")
    rows = row_kind("race_driver").spine(tables, "pre_race").query("season == 2022 and round == 2")
    race = find_race(tables, "2022-02", "pre_race")
    draw = np.random.default_rng(7)
    ours, theirs = (
        rows[["race_id", "season", "round", "driver_id"]]
        .reset_index(drop=True)
        .join(pd.DataFrame(np.sort(draw.gamma(2.0, 20.0, (len(rows), len(COLUMNS)))), columns=list(COLUMNS)).round(6))
        for _ in range(2)
    )
    full = full_answers(family_of(question), ours, theirs)
    said = [
        {
            "keys": {"driver_id": int(row.driver_id)},
            "answers": {"gap_finish": row.mean},
            "baseline": {"gap_finish": 0.0},
        }
        for row in ours.itertuples()
    ]
    content = {"rows": [{**row, "full": each} for row, each in zip(said, full, strict=True)]}
    found = scores_of(content, race, tables.only(*needed(content)))["gap_finish"]
    for side, table in (("ours", ours), ("baseline", theirs)):
        expected = template_scores(question, table, tables).drop(columns="season").iloc[0].dropna()
        assert found[side] == pytest.approx(expected.to_dict(), abs=1e-5)
    assert found["ours"] != found["baseline"]
    assert scores_of({"rows": said}, race, tables) == {}, (
        "forecasts of earlier versions kept the mean of the baseline only"
    )
