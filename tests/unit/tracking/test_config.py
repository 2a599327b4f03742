"""A configuration is one value: canonical, typed, frozen for good, compared by dotted keys."""

import enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pitwall as pw
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.canonical import MISSING, Change, canonical, changes, hash_of
from pitwall.tracking.config import ExperimentConfig

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


class Level(enum.IntEnum):
    ONE = 1


def test_the_types_of_numbers_texts_and_truth_values_are_part_of_the_hash():
    values = [1, 1.0, True, "1", None, "None", [1], "", {}, []]
    assert len({hash_of({"a": value}) for value in values}) == len(values)


def test_order_of_keys_tuples_and_the_sign_of_zero_are_not():
    first = ExperimentConfig({"a": (1, 2), "b": {"x": 0.0, "y": 1}})
    second = ExperimentConfig({"b": {"y": 1, "x": -0.0}, "a": [1, 2]})
    assert first.hash() == second.hash()
    assert first == second
    assert len(first.hash()) == 12


def test_the_hash_is_the_same_in_every_version():
    assert ExperimentConfig({"seed": 7, "rate": 0.1, "names": ["a", None, True]}).hash() == "bc5ee404fe51"


def test_keys_are_ordered_by_utf_16_as_rfc_8785_says():
    assert canonical({"\U0001f600": 1, "\ufb33": 2}).index("\U0001f600") < canonical(
        {"\U0001f600": 1, "\ufb33": 2}
    ).index("\ufb33")


@given(PLAIN, PLAIN)
def test_two_values_share_a_text_only_if_nothing_differs(one, other):
    assert (canonical(one) == canonical(other)) == (not changes({"v": one}, {"v": other}))


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {1, 2}, b"x", object(), np.float64(1), np.int64(1), Level.ONE, {1: 2}, range(3)],
)
def test_what_has_no_canonical_form_is_refused_where_it_is(value):
    with pytest.raises(UsageError, match=r"value\.a\.b"):
        canonical({"a": {"b": value}})
    config = ExperimentConfig()
    with pytest.raises(UsageError):
        config.set("a.b", value)
    assert config.to_dict() == {}


def test_set_and_get_by_dotted_keys():
    config = pw.ExperimentConfig({"model": {"rounds": 10}})
    config.set("model.rate", 0.1)
    config.set("new.section.deep", None)
    assert (config.get("model.rate"), config.get("new.section.deep", 3)) == (0.1, None)
    assert config.get("model.absent", 3) == 3
    with pytest.raises(UnknownName, match="did you mean 'model.rounds'"):
        config.get("model.round")


@pytest.mark.parametrize("key", ["", "a.", ".a", "a..b"])
def test_a_key_with_an_empty_part_is_refused(key):
    with pytest.raises(UsageError, match="empty"):
        ExperimentConfig().set(key, 1)


def test_a_value_is_no_section_and_a_dot_is_no_part_of_a_key():
    config = ExperimentConfig({"a": 1})
    with pytest.raises(UsageError, match="a is a value"):
        config.set("a.b", 1)
    with pytest.raises(UsageError, match="has a dot"):
        ExperimentConfig({"x": {"a.b": 1}})


def test_frozen_is_frozen_through_every_door():
    rounds, given_ = [1, 2], {"model": {"rounds": [1, 2]}}
    given_["model"]["rounds"] = rounds
    config = ExperimentConfig(given_).freeze()
    before = config.hash()
    with pytest.raises(UsageError, match="frozen: model.rounds stays"):
        config.set("model.rounds", 3)
    rounds.append(3)
    given_["model"]["more"] = 1
    config.to_dict()["model"]["rounds"].append(4)
    with pytest.raises(TypeError):
        config.get("model")["rounds"] = 5
    with pytest.raises(AttributeError):
        config.get("model.rounds").append(6)
    assert (config.hash(), config.frozen) == (before, True)


def test_a_difference_tells_missing_from_none_and_types_from_each_other():
    old = ExperimentConfig({"a": {"b": None, "c": 1, "same": [1]}, "d": True})
    new = ExperimentConfig({"a": {"c": 1.0, "same": (1,), "e": {"f": 2}}, "d": 1})
    assert old.diff(new) == {
        "a.b": {"old": None, "new": MISSING},
        "a.c": {"old": 1, "new": 1.0},
        "a.e.f": {"old": MISSING, "new": 2},
        "d": {"old": True, "new": 1},
    }
    assert type(old.diff(new)["a.c"]["new"]) is float
    assert repr(MISSING) == str(MISSING) == f"{MISSING}" == "missing"
    assert Change("a", None, MISSING).row() == {"field": "a", "old": None}


def test_an_empty_section_is_not_a_missing_one():
    assert changes({"a": {}}, {}) == [Change("a", {}, MISSING)]
    assert changes({"a": {"b": 1}}, {"a": 2}) == [Change("a", {"b": 1}, 2)]


def test_a_configuration_comes_from_params_yaml_with_its_defaults(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("seed: 8\nfeatures: {}\n")
    config = ExperimentConfig.from_params(path)
    assert (config.get("seed"), config.get("tuning.trials")) == (8, 20)
    path.write_text("seed: 9\n")
    assert list(config.diff(ExperimentConfig.from_params(path))) == ["seed"]
