"""`duel` of params.yaml: bounds that are given stand beside those that are not, and what cannot be is refused."""

import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Params, parse_params
from pitwall.domain.sections.duel import BOUNDS


def test_a_project_of_before_has_the_usual_numbers_and_the_section_changes_no_hash() -> None:
    old = parse_params({"seed": 7})
    assert (old.duel.alpha, old.duel.bounds) == (0.05, BOUNDS)
    assert "duel" not in old.model_dump()
    assert Params(duel={"alpha": 0.1}).model_dump()["duel"]["alpha"] == 0.1


def test_a_question_has_its_own_bound_or_that_of_its_metric() -> None:
    duel = parse_params({"duel": {"bounds": {"race_winner": 0.7}}}).duel
    assert duel.bound_of("race_winner", "log_loss") == 0.7
    assert duel.bound_of("fastest_lap", "log_loss") == BOUNDS["log_loss"]


def test_a_metric_without_a_bound_is_an_error_that_says_what_to_write() -> None:
    with pytest.raises(UsageError, match="`curve_error: NUMBER` or `tyre_degradation: NUMBER`"):
        Params().duel.bound_of("tyre_degradation", "curve_error")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'duel.alpha'"):
        parse_params({"duel": {"alpah": 0.1}})


@pytest.mark.parametrize("wrong", [{"alpha": 0}, {"alpha": 1}, {"bounds": {"mae": 0}}, {"bounds": {"mae": "inf"}}])
def test_what_no_test_can_have_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="duel"):
        parse_params({"duel": wrong})
