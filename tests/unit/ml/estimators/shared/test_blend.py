"""A blend is the weighted mean of its members, each as if it stood alone, and says what is wrong with a list of members."""

from pathlib import Path

import numpy as np
import pytest

from pitwall.domain.errors import UsageError
from pitwall.ml.estimators import Explains, FitInput, estimator, estimators
from pitwall.ml.estimators.shared.blend import Blend, member
from pitwall.testing.worlds.answers import binary_world, order_world

BLEND = estimator("binary", "blend")


def fitted(*members: dict, family: str = "binary"):
    world = (binary_world if family == "binary" else order_world)(races=20, cars=8)
    params = {"members": list(members)}
    return world, estimator(family, "blend").fit(FitInput(world.frame, world.outcome, params, 1))


def test_the_answer_is_the_weighted_mean_whatever_weights_sum_to() -> None:
    names = ("logistic", "xgboost")
    world, both = fitted(*(member(name, estimator("binary", name).default(), 3.0 - n) for n, name in enumerate(names)))
    alone = []
    for name in names:
        plugin = estimator("binary", name)
        alone.append(plugin.fit(FitInput(world.frame, world.outcome, plugin.default(), 1)).answer(world.frame)["p"])
    assert np.allclose(both.answer(world.frame)["p"], 0.6 * alone[0] + 0.4 * alone[1])
    assert isinstance(both, Explains)


def test_a_member_may_stand_twice_and_read_features_of_its_own(tmp_path: Path) -> None:
    few = member("logistic", {"ridge": 1.0}, 1.0, ["grid"])
    world, both = fitted(few, member("logistic", {"ridge": 5.0}, 1.0))
    both.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"estimator.json", "0_logistic", "1_logistic"}
    loaded = BLEND.load(tmp_path)
    assert loaded.answer(world.frame).equals(both.answer(world.frame))
    other = world.frame.assign(team_race_rating=9.0)
    assert (
        loaded.members[0]
        .answer(other[["grid", *world.frame.columns[:7]]])
        .equals(loaded.members[0].answer(world.frame[["grid", *world.frame.columns[:7]]]))
    )
    assert not loaded.answer(other).equals(both.answer(world.frame))


def test_a_member_that_cannot_explain_itself_leaves_the_blend_without() -> None:
    _, said = fitted(
        *(member(name, estimator("binary", name).default(), 0.5) for name in ("logistic", "gradient_boosting"))
    )
    assert not isinstance(said, Explains)


@pytest.mark.parametrize(
    "members",
    [
        [],
        [{"estimator": "logistic", "params": {}}],
        [member("logistic", {"ridge": 1.0}, -0.5)],
        [member("logistic", {"ridge": 1.0}, 0.0)],
        [member("logistic", {"ridge": 1.0}, float("nan"))],
    ],
    ids=["none", "no weight", "below 0", "all 0", "not a number"],
)
def test_a_list_of_members_that_means_nothing_is_refused(members: list) -> None:
    with pytest.raises(UsageError, match="a blend needs"):
        fitted(*members)


def test_blends_are_asked_by_name_and_are_no_members_of_pools() -> None:
    for family in ("order", "binary", "multiclass", "regression", "curve", "survival"):
        blend = estimators(family)["blend"]
        assert isinstance(blend, Blend)
        assert blend.by_name and blend.pools
    assert "blend" not in estimator("binary", "ensemble")._library()
