"""Every model that discovery finds keeps the contract, and the contract catches the ways to break it."""

from dataclasses import replace

import pytest

from pitwall.domain.params import ModelParams
from pitwall.ml.models import model, models
from pitwall.ml.templates import template
from pitwall.testing import check_model
from pitwall.testing.checks import models as checks


@pytest.mark.parametrize("name", sorted(models()))
def test_model_keeps_the_contract(name):
    assert model(name).name == name
    check_model(model(name))


FAULTS = {
    "a family that does not exist": ({"family": "odds"}, "the family 'odds'.*does not exist"),
    "rows that do not exist": ({"rows": "corner"}, "the rows 'corner'.*does not exist"),
    "features that do not exist": ({"feature_set": "none"}, "the feature_set 'none'.*does not exist"),
    "a name that cannot be registered": ({"name": "Order-2"}, "snake_case"),
    "no question": ({"name": "silent"}, "no template is answered by the model silent"),
    "features that its rules lack": ({"feature_set": "driver"}, "which the set driver lacks"),
    "another family's rules": (
        {"family": "binary", "settings": ModelParams(estimator="xgboost")},
        "is no estimator of the binary family",
    ),
    "an estimator that does not exist": (
        {"settings": ModelParams(estimator="stac")},
        "stac is no estimator of the order family",
    ),
    "a rule that is trained": ({"settings": ModelParams(estimator="last_race")}, "is a rule; a model is trained"),
    "a stage without rows": ({"settings": ModelParams(stages=("in_race",))}, "cars are forecast at"),
    "a start for what is no number": ({"start": "grid"}, "answers about a number start from a feature"),
    "an optional group of another set": ({"optional": ("lap_state",)}, "lap_state is optional and no group of the set"),
    "no words": ({"summary": ""}, "finishes the sentence"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_the_contract_catches(what):
    changes, why = FAULTS[what]
    with pytest.raises(AssertionError, match=why):
        check_model(replace(model("order"), **changes))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"baselines": ("stack",), "baseline": dict.fromkeys(template("podium").stages, "stack")},
            "is no rule but a model",
        ),
        ({"stages": ("pre_qualifying",), "baseline": {"pre_qualifying": "grid_frequency"}}, "trained at none of them"),
    ],
)
def test_the_contract_looks_at_every_question(changes, why, monkeypatch):
    asked = replace(template("podium"), **changes)
    monkeypatch.setattr(checks, "templates", lambda: {"podium": asked})
    with pytest.raises(AssertionError, match=why):
        check_model(model("order"))


def test_a_start_is_a_feature_of_the_model():
    check_model(model("gap"))
    with pytest.raises(AssertionError, match="starts from 'gap_last_year'"):
        check_model(replace(model("gap"), start="gap_last_year"))
