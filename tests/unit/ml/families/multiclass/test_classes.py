"""Scores and answers of questions with classes, by hand."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import AnswerError
from pitwall.ml.families import family
from pitwall.ml.families.multiclass import likeliest, unit_of
from pitwall.ml.rows.machinery.race_blocks import race_blocks

CLASSES = ("early", "mid", "late")
FAMILY = family("multiclass")


def rows(*lines):
    """Return scored rows of (race, what came true, chances in the order of the question)."""
    frame = pd.DataFrame([chances for _, _, chances in lines], columns=[f"p_{name}" for name in CLASSES])
    label = pd.Categorical([true for _, true, _ in lines], CLASSES, ordered=True)
    return frame.assign(race_id=[race for race, _, _ in lines], label=label)


TWO_RACES = rows(
    (1, "early", (0.5, 0.3, 0.2)),
    (1, "late", (0.5, 0.3, 0.2)),
    (2, "mid", (0.1, 0.8, 0.1)),
)


def value(name, known):
    metric, blocks = FAMILY.metrics[name], race_blocks(known["race_id"].to_numpy())
    if metric.per_block is not None:
        return metric.per_block(known, blocks)
    return metric.statistic(metric.sums(known, blocks).sum(axis=0, keepdims=True), blocks.count)[0]


def test_losses_are_means_over_the_rows_of_each_race():
    np.testing.assert_allclose(value("log_loss", TWO_RACES), [-(np.log(0.5) + np.log(0.2)) / 2, -np.log(0.8)])
    np.testing.assert_allclose(
        value("brier", TWO_RACES),
        [(0.25 + 0.09 + 0.04 + 0.25 + 0.09 + 0.64) / 2, 0.01 + 0.04 + 0.01],
    )


def test_the_ranked_score_forgives_a_neighbour_and_no_stranger():
    # borders of the classes: 0.5 and 0.8 were said; early is (1, 1), late (0, 0)
    np.testing.assert_allclose(
        value("rps", TWO_RACES), [((0.25 + 0.04) / 2 + (0.25 + 0.64) / 2) / 2, (0.01 + 0.01) / 2]
    )
    sure = (1.0, 0.0, 0.0)
    near, far = rows((1, "mid", sure)), rows((1, "late", sure))
    assert value("rps", near)[0] == pytest.approx(0.5)
    assert value("rps", far)[0] == pytest.approx(1.0)
    assert value("brier", near)[0] == value("brier", far)[0] == 2.0


def test_columns_in_another_order_change_no_score():
    turned = TWO_RACES[["p_late", "race_id", "p_early", "label", "p_mid"]]
    for name in FAMILY.metrics:
        np.testing.assert_array_equal(value(name, turned), value(name, TWO_RACES))


def test_macro_f1_weighs_classes_alike_and_the_likeliest_one_is_said():
    # early: said twice, right once, true once; mid: right; late: true once, never said
    assert value("macro_f1", TWO_RACES) == pytest.approx((2 / 3 + 1 + 0) / 3)
    np.testing.assert_array_equal(value("accuracy", TWO_RACES), [0.5, 1.0])
    assert FAMILY.classes.names(TWO_RACES) == tuple(CLASSES)
    pairs = list(zip(FAMILY.classes.true(TWO_RACES).tolist(), FAMILY.classes.said(TWO_RACES).tolist(), strict=True))
    assert sorted(pairs) == [(0, 0), (1, 1), (2, 0)]


def test_always_the_commonest_class_is_weak_in_macro_f1_however_often_it_is_right():
    always = rows(*[(race, "early" if race < 9 else "late", (1.0, 0.0, 0.0)) for race in range(10)])
    assert value("accuracy", always).mean() == pytest.approx(0.9)
    assert value("macro_f1", always) == pytest.approx((18 / 19) / 3)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"p_low": [0.5], "p_high": [0.6]}, "sum to something else than 1"),
        ({"p_low": [-0.1], "p_high": [1.1]}, "negative or no number"),
        ({"p_low": [np.nan], "p_high": [1.0]}, "negative or no number"),
        ({"p_low": [1.0]}, "one column"),
        ({"low": [0.5], "p_high": [0.5]}, "one column"),
    ],
)
def test_what_is_no_answer_is_refused(answer, why):
    with pytest.raises(AnswerError, match=why):
        FAMILY.check(pd.DataFrame(answer), pd.Series([1]))


def test_a_question_shows_the_likeliest_class_by_its_name():
    numbers = likeliest(TWO_RACES, CLASSES)
    assert [FAMILY.shown(number, unit_of(CLASSES)) for number in numbers] == ["early", "early", "mid"]
    detail = FAMILY.detail(TWO_RACES)
    chances = [("early", 0.1), ("mid", 0.8), ("late", 0.1)]
    assert detail[2] == {"likeliest": "mid", "chances": [{"class": name, "chance": p} for name, p in chances]}
    first = sorted(range(3), key=lambda row: FAMILY.first({"asked": numbers[row]}, detail[row], {"driver_id": row}))
    assert first == [0, 1, 2]
