"""Every template that discovery finds keeps the contract."""

from dataclasses import replace

import pandas as pd
import pytest

from pitwall.domain.errors import UnknownName
from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.racing.safety_cars import safety_cars
from pitwall.ml.models import Model
from pitwall.ml.templates import Template, answered_by, template, templates
from pitwall.testing.checks import templates as checks
from pitwall.testing.checks.templates import check_template
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.mark.parametrize("name", sorted(templates()))
def test_template_keeps_the_contract(name: str) -> None:
    check_template(template(name), tiny_tables(upcoming=1))


def test_the_order_model_answers_three_questions() -> None:
    assert {"podium", "points", "race_winner"} <= {each.name for each in answered_by("order")}


def test_the_contract_catches_a_probability_of_another_event() -> None:
    wrong = replace(template("race_winner"), answer=template("podium").answer)
    with pytest.raises(AssertionError, match="sum to"):
        check_template(wrong, tiny_tables())


def test_the_contract_catches_a_loss_that_is_better_higher() -> None:
    wrong = replace(template("race_winner"), loss="hit_rate")
    with pytest.raises(AssertionError, match="hit_rate higher values are better"):
        check_template(wrong, tiny_tables())


def retired(tables):
    """Return whether a starter retired, by race and driver."""
    rows = tables.only("results").as_of()["results"]
    return rows[rows["started"]].set_index(list(RACE_DRIVER))["retired"].rename("label")


def points(tables):
    """Return the points of every car as a number, null for those that did not start."""
    rows = tables.only("results").as_of()["results"].set_index(list(RACE_DRIVER))
    return rows["points"].where(rows["started"]).rename("label")


def asked(family, label, answer, loss, baseline):
    """Return a model of cars of a family, and a question for it."""
    stages = ("pre_race", "pre_weekend")
    question = Template(
        name="asked", model="asked", question="Is it so?", title="P(so)", stages=stages, tables=("results",), label=label,
        answer=lambda rows: rows[answer], loss=loss, metrics=(loss,), baselines=(baseline,),
        baseline=dict.fromkeys(stages, baseline),
    )  # fmt: skip
    return Model("asked", family, "race_driver", "order", "answers"), question


def thirds(tables):
    """Return in which third of the points every starter came in."""
    cut = pd.cut(points(tables).dropna(), [-1, 1, 10, 100], labels=["few", "some", "many"])
    return cut.rename("label")


OTHERS = {
    "binary": asked("binary", retired, "p", "brier", "overall_rate"),
    "multiclass": asked("multiclass", thirds, "p_few", "rps", "overall_rate"),
    "regression": asked("regression", points, "mean", "crps", "last_lap"),
}


@pytest.mark.parametrize("family", OTHERS)
def test_a_question_of_any_family_keeps_the_contract(family, monkeypatch) -> None:
    model, question = OTHERS[family]
    monkeypatch.setattr(checks, "model", lambda _: model)
    check_template(question, tiny_tables(upcoming=1))


FAULTS = {
    "a metric of another family": ("binary", {"metrics": ("brier", "crps")}, "crps: no metric of the binary family"),
    "a loss without races": ("binary", {"loss": "auc", "metrics": ("auc",)}, "has no value of one race"),
    "a loss that is best near a target": (
        "regression",
        {"loss": "coverage_80", "metrics": ("coverage_80",)},
        "near 0.8 values are better",
    ),
    "a rule that does not exist": (
        "binary",
        {"baselines": ("rate",), "baseline": {"pre_race": "rate", "pre_weekend": "rate"}},
        "rate: no baseline of the binary family",
    ),
    "a stage without rows": (
        "binary",
        {"stages": ("in_race",), "baseline": {"in_race": "overall_rate"}},
        "never forecast at in_race",
    ),
    "a label by race": (
        "binary",
        {"label": lambda tables: retired(tables).groupby("race_id").any()},
        "the label's index must be",
    ),
    "a label twice": ("binary", {"label": lambda tables: retired(tables).repeat(2)}, "one label"),
    "a label that is a number": ("binary", {"label": points}, "must be bool once it is known"),
    "a label that reads more": (
        "binary",
        {"label": lambda tables: retired(tables) & ("races" in tables)},
        r"reads other tables than it says \(results\)",
    ),
    "a label that is never known": (
        "regression",
        {"label": lambda tables: points(tables) * float("nan")},
        "no label is known",
    ),
    "an answer out of line": ("binary", {"answer": lambda rows: rows["p"].sample(frac=1.0, random_state=0)}, "aligned"),
    "an answer that is no chance": ("binary", {"answer": lambda rows: rows["p"] * 3}, "lie in"),
    "an answer with nulls": (
        "regression",
        {"answer": lambda rows: rows["mean"].where(rows.index > 0)},
        "every row has an answer",
    ),
    "classes without an order": ("multiclass", {"label": lambda tables: thirds(tables).cat.as_unordered()}, "ordered"),
    "no question": ("binary", {"question": "So."}, "question mark"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_the_contract_catches(what, monkeypatch) -> None:
    family, changes, why = FAULTS[what]
    model, question = OTHERS[family]
    monkeypatch.setattr(checks, "model", lambda _: model)
    with pytest.raises(AssertionError, match=why):
        check_template(replace(question, **changes), tiny_tables(upcoming=1))


def all_along(tables):
    """Return the shares of all races that will ever be known, before each of them."""
    counted = safety_cars(tables.as_of()).dropna().astype("float64").mean()
    return pd.DataFrame({"yes": counted, "no": 1 - counted}, index=tables["races"]["race_id"].unique())


CALLS = {
    "shares of races to come": {"found": all_along},
    "a label that a later race settles": {"label": lambda tables: safety_cars(tables.as_of())},
}


@pytest.mark.parametrize("what", CALLS)
def test_the_contract_catches_a_call_that_knows_later_races(what) -> None:
    tables = tiny_tables(upcoming=1)
    tables = tables.replace(
        track_status=tables["track_status"].iloc[:0]
    )  # the list alone tells, and what it does not name
    asked = template("safety_car")
    check_template(asked, tables)
    with pytest.raises(AssertionError, match="are others once later races are known"):
        check_template(replace(asked, call=replace(asked.call, **CALLS[what])), tables)


def test_an_unknown_template_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'race_winner'"):
        template("race_winer")
