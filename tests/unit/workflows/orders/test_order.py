"""What an order may say, how it is written, and what is refused with which words."""

from __future__ import annotations

import shlex

import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.workflows.orders.checking import checked
from pitwall.workflows.orders.order import TrainingOrder, command, conditions_of, order_of, read, written

WHOLE = """\
question: dnf
stage: pre_weekend
seasons: [2019, 2020, 2021]
circuits: [monza, spa]
conditions: {street: false, wet: true}
groups: [driver_form, team_form]
features: [driver_place_mean]
algorithm: logistic
auto_tune: 5
folds: 2
seed: 11
name: my_dnf
"""


def test_one_order_has_one_text() -> None:
    order = read(WHOLE)
    assert written(order) == WHOLE
    assert read(written(order)) == order
    other = order_of(
        {
            "name": "my_dnf",
            "question": "dnf",
            "stage": "pre_weekend",
            "seasons": "2019:2021",
            "circuits": ["spa", "monza", "spa"],
            "conditions": {"wet": True, "street": False},
            "groups": ["driver_form", "team_form"],
            "features": "driver_place_mean",
            "algorithm": "logistic",
            "auto_tune": "5",
            "folds": 2,
            "seed": 11,
        }
    )
    assert written(other) == WHOLE


def test_what_is_left_out_is_the_usual() -> None:
    assert (
        written(read("question: dnf\nseasons: all\ncircuits: all\nconditions: all\nauto_tune: false\n"))
        == "question: dnf\n"
    )
    filled = checked(read("question: dnf\n"))
    assert (filled.stage, filled.algorithm) == ("pre_race", "logistic")
    assert checked(filled) == filled


def test_the_questions_own_groups_are_the_same_as_none() -> None:
    from pitwall.features import feature_sets

    own = [group.name for group in feature_sets()["dnf"]]
    assert checked(order_of({"question": "dnf", "groups": own[::-1]})) == checked(order_of({"question": "dnf"}))
    fewer = checked(order_of({"question": "dnf", "groups": own[:0:-1]}))
    assert fewer.groups == tuple(own[1:])


def test_the_command_line_says_the_same() -> None:
    words = shlex.split(command(read(WHOLE)))
    assert words[:3] == ["pitwall", "order", "train"]
    said = dict(zip(words[3::2], words[4::2], strict=True))
    assert said["--seasons"] == "2019,2020,2021"
    assert conditions_of(said["--conditions"]) == {"street": False, "wet": True}
    lines = {name[2:].replace("-", "_"): value for name, value in said.items()}
    lists = {name: lines[name].split(",") for name in ("seasons", "circuits", "groups", "features")}
    again = order_of({**lines, **lists, "conditions": conditions_of(lines["conditions"])})
    assert again == read(WHOLE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- dnf\n", "found"),
        ("question: [\n", "no YAML"),
        ("questoin: dnf\n", "question"),
        ("question: dnf\nfolds: -1\n", "folds"),
        ("question: dnf\nauto_tune: 5000\n", "auto_tune"),
        ("question: dnf\nseasons: [last]\n", "seasons"),
        ("question: dnf\nseasons: a:b\n", "seasons"),
        ("stage: pre_race\n", "question"),
    ],
)
def test_a_line_that_cannot_be_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("lines", "near"),
    [
        ({"question": "dnff"}, "dnf"),
        ({"question": "results.point", "task": "regression"}, "results.points"),
        ({"question": "dnf", "stage": "pre_rac"}, "pre_race"),
        ({"question": "dnf", "groups": ["driver_forn"]}, "driver_form"),
        (
            {"question": "dnf", "features": ["driver_form_mean"], "groups": ["driver_form"]},
            "driver_grid_mean|driver_place_mean",
        ),
        ({"question": "dnf", "conditions": {"wett": True}}, "wet"),
        ({"question": "dnf", "algorithm": "logistc"}, "logistic"),
        ({"question": "results.points", "task": "regresion"}, "regression"),
        ({"question": "results.points", "task": "regression", "rows": "race_drivr"}, "race_driver"),
    ],
)
def test_a_name_that_is_not_there_offers_the_nearest(lines: dict[str, object], near: str) -> None:
    with pytest.raises(UnknownName, match=near):
        checked(order_of(lines))


def test_a_template_takes_no_task_and_a_model_no_name_that_ships() -> None:
    with pytest.raises(UsageError, match="has its own task"):
        checked(TrainingOrder(question="dnf", task="classification"))
    with pytest.raises(UsageError, match="is the name of a question"):
        checked(TrainingOrder(question="dnf", name="podium"))
    with pytest.raises(UsageError, match="snake_case"):
        checked(TrainingOrder(question="dnf", name="../up"))


def test_a_device_is_one_of_two_and_the_processor_is_not_written():
    assert "device" not in written(read("question: dnf\ndevice: cpu\n"))
    assert "device: cuda" in written(read("question: dnf\ndevice: cuda\n"))
    with pytest.raises(UsageError, match="device"):
        read("question: dnf\ndevice: tpu\n")
