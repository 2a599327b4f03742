"""A question's metrics are those of its family, and its main loss one that can be compared race by race."""

from dataclasses import replace

import pandas as pd
import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.scoring import template_rows, template_scores
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.families.regression.metrics import COLUMNS
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import template
from pitwall.testing.worlds.tiny import tiny_tables

TABLES = tiny_tables(seasons=1, races=3, cars=4)


def laps(values):
    kind = row_kind("lap")
    spine = kind.spine(TABLES, "in_race")
    answer = pd.DataFrame({name: values(spine) for name in COLUMNS})
    return prediction_table("guess", "model", spine, answer, kind)


def test_a_metric_that_the_family_lacks_is_named_with_the_nearest():
    question = replace(template("lap_time"), metrics=("mae", "crp"))
    with pytest.raises(UnknownName, match=r"metric of the regression family.*did you mean 'crps'"):
        template_scores(question, laps(lambda spine: spine["lap"].astype(float)), TABLES)


@pytest.mark.parametrize(("question", "loss"), [("lap_time", "coverage_80"), ("lap_time", "coverage_error")])
def test_what_cannot_be_compared_race_by_race_is_no_main_loss(question, loss):
    asked = replace(template(question), loss=loss, metrics=(loss,))
    with pytest.raises(UsageError, match=rf"{loss} cannot be the main loss of {question}.*has mae, crps"):
        template_scores(asked, laps(lambda spine: spine["lap"].astype(float)), TABLES)


def test_each_lap_is_scored_by_its_own_label_and_unlabelled_ones_are_not():
    """A prediction that says the number of its lap errs by what the lap took, less that number: another lap's label would show."""
    label = template("lap_time").label(TABLES).dropna()
    question = replace(template("lap_time"), label=lambda _: label)
    said = laps(lambda spine: spine["lap"].astype(float))
    scores = template_scores(question, said, TABLES)
    errors = (label - label.index.get_level_values("lap")).abs()
    expected = errors.groupby(level="race_id").mean()
    pd.testing.assert_series_equal(scores["mae"], expected, check_names=False)
    rows = template_rows(question, said, TABLES, stage="in_race", gates=GateParams(bootstrap_draws=20), seed=1)
    pooled = {row["metric"]: row["value"] for row in rows if row["season"] == "all"}
    assert pooled["mae"] == pytest.approx(expected.mean())
    assert set(pooled) == {*question.metrics, "coverage_error"}
