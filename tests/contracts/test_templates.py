"""Every template that discovery finds keeps the contract."""

from dataclasses import replace

import pytest

from pitwall.domain.errors import UnknownName
from pitwall.ml.estimators import baselines
from pitwall.ml.templates import answered_by, template, templates
from pitwall.testing.checks.ml import check_template
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.mark.parametrize("name", sorted(templates()))
def test_template_keeps_the_contract(name: str) -> None:
    check_template(template(name), tiny_tables(upcoming=1))


@pytest.mark.parametrize("name", sorted(templates()))
def test_a_templates_baselines_exist(name: str) -> None:
    assert set(template(name).baselines) <= set(baselines("order"))


def test_the_order_model_answers_three_questions() -> None:
    assert {"podium", "points", "race_winner"} <= {each.name for each in answered_by("order")}


def test_the_contract_catches_a_probability_of_another_event() -> None:
    wrong = replace(template("race_winner"), answer=template("podium").answer)
    with pytest.raises(AssertionError, match="sum to"):
        check_template(wrong, tiny_tables())


def test_an_unknown_template_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'race_winner'"):
        template("race_winer")
