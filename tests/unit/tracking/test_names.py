"""Names of experiments, runs, models and paths: made right, checked strictly, unique where they must be."""

from datetime import date

import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.names import FORMS, checked, experiment_name, model_name, part, problem, run_name, run_path

DAY = date(2024, 1, 15)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("experiment", "fraud-detection-baseline"),
        ("experiment", "pitwall-order"),
        ("run", "2024-01-15-xgboost-tuning-lr001"),
        ("model", "xgboost-transactions-v2.3.1"),
        *((kind, form.example) for kind, form in FORMS.items()),
    ],
)
def test_good_names_pass(kind, name):
    assert checked(kind, name) == name


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("experiment", "pitwall"),
        ("experiment", "Pitwall-order"),
        ("experiment", "pitwall--order"),
        ("run", "2024-01-15-stack"),
        ("run", "24-01-15-order-stack"),
        ("run", "2024-02-30-order-stack"),
        ("run", "2024-01-15-order-stack\n"),
        ("run", "order-pre_race"),
        ("model", "stack-synthetic"),
        ("model", "stack-synthetic-3"),
        ("model", "stack-v3"),
        ("path", "pitwall/other_2024-01-15/run_0123456789ab"),
        ("path", "pitwall/baseline_2024-01-15/run_0123456789"),
        ("path", "pitwall/baseline_2024-13-15/run_0123456789ab"),
        ("path", "pitwall/baseline_2024-01-15"),
    ],
)
def test_bad_names_say_the_form(kind, name):
    assert problem(kind, name)
    with pytest.raises(UsageError, match=r"form is|no date"):
        checked(kind, name)


def test_an_unknown_kind_is_named():
    with pytest.raises(UnknownName, match="experiment, model, path, run"):
        problem("runn", "x")


def test_made_names_are_good_ones():
    assert experiment_name("order") == "pitwall-order"
    assert run_name(DAY, "order-pre_race", "stack") == "2024-01-15-order-pre_race-stack"
    assert model_name("plackett_luce_net", "synthetic", 3) == "plackett_luce_net-synthetic-v3"
    assert run_path("baseline", DAY, "0123456789ab") == "pitwall/baseline_2024-01-15/run_0123456789ab"
    assert part("Wet races, 2nd try!") == "wet_races_2nd_try"
    with pytest.raises(UsageError):
        run_path("tuning", DAY, "0123456789ab")


def test_a_name_that_is_taken_gets_a_hash_and_is_never_taken_twice():
    taken: list[str] = []
    for _ in range(5):
        taken.append(run_name(DAY, "order-pre_race", "stack", taken, unique="same"))
    assert len(set(taken)) == 5
    assert taken[0] == "2024-01-15-order-pre_race-stack"
    assert all(not problem("run", name) and name.startswith(taken[0]) for name in taken)
    again = run_name(DAY, "order-pre_race", "stack", taken[:1], unique="same")
    assert again == taken[1]
