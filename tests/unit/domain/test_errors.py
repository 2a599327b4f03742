"""Errors say what was found, what was expected, and the nearest known name."""

from pitwall.domain.errors import MANY, UnknownName


def test_a_few_names_are_all_listed():
    assert str(UnknownName("stage", "pre_rac", ["pre_weekend", "pre_race"])).endswith("Known: pre_race, pre_weekend")


def test_of_many_names_only_near_ones_are_listed():
    message = str(UnknownName("feature", "momentum", ["momentum_score", *(f"f{number}" for number in range(MANY))]))
    assert "did you mean 'momentum_score'? Known: 26 names, the nearest: momentum_score" in message
    assert "f7" not in message


def test_without_a_near_name_some_are_listed():
    message = str(UnknownName("feature", "zzz", [f"f{number:02d}" for number in range(40)]))
    assert f"Known: 40 names, among them: f00, {', '.join(f'f{number:02d}' for number in range(1, MANY))}" in message
