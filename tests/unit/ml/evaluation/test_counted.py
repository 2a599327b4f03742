"""Accuracy, precision, recall and F1 are those of scikit-learn, of the answers that a family reads as right or wrong."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.classes import counted, rule
from pitwall.ml.evaluation.scoring import family_of
from pitwall.ml.families import families, family
from pitwall.ml.templates import template
from pitwall.testing.worlds.answers import WORLDS, scored_rows

GATES = GateParams(bootstrap_draws=50)
OF = {"binary": "dnf", "order": "podium", "multiclass": "pit_window"}


def rows_of(name):
    world = WORLDS[name](races=60, cars=8)
    return scored_rows(family(name), world, world.honest)


def found_of(name, rows):
    asked = template(OF[name])
    assert family_of(asked).name == name
    return {key: each.value for key, each in counted(asked, rows, GATES, 0).items()}


def test_yes_is_said_above_a_half():
    rows = rows_of("binary")
    said, true = rows["probability"] > 0.5, rows["label"].astype(bool)
    expected = {"accuracy": accuracy_score, "precision": precision_score, "recall": recall_score, "f1": f1_score}
    assert found_of("binary", rows) == pytest.approx({name: score(true, said) for name, score in expected.items()})


def test_the_likeliest_class_is_said():
    rows = rows_of("multiclass")
    how = family("multiclass").classes
    said, true = how.said(rows), how.true(rows)
    expected = {"accuracy": accuracy_score(true, said), "macro_f1": f1_score(true, said, average="macro")}
    assert found_of("multiclass", rows) == pytest.approx(expected)


def test_of_an_order_the_first_and_as_many_as_it_comes_true_for():
    rows = rows_of("order")
    first, shares = [], []
    for _, race in rows.groupby("race_id"):
        ordered = race.sort_values("probability", ascending=False)["label"].to_numpy(dtype=bool)
        k = int(ordered.sum())
        said = np.arange(len(ordered)) < k
        first.append(ordered[0])
        shares.append(f1_score(ordered, said))
        assert precision_score(ordered, said) == pytest.approx(recall_score(ordered, said))
    assert found_of("order", rows) == pytest.approx({"accuracy": np.mean(first), "f1": np.mean(shares)})


def test_numbers_are_not_counted_and_it_is_said_why():
    silent = {name for name, each in families().items() if not each.counted.metrics}
    assert silent == {"regression", "curve", "survival", "first_three"}
    assert "no accuracy and no F1" in rule(template("lap_time"))
    assert counted(template("lap_time"), rows_of("regression"), GATES, 0) == {}


def test_a_question_that_calls_by_its_own_rule_says_so():
    assert "Here it calls the class whose chance" in rule(template("safety_car"))
    assert "Here it calls" not in rule(template("dnf"))
