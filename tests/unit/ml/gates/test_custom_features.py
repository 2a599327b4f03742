"""The gate audits the custom features that a model reads, and a feature that no group owns stops the model."""

from dataclasses import replace

import pytest

from pitwall.domain.errors import FeatureError
from pitwall.features import FeatureEngineer, HistoryFeature
from pitwall.features.machinery.custom.engineer import _SESSION, Registered
from pitwall.ml.gates import gates
from pitwall.ml.gates._candidates import read_groups
from pitwall.ml.models import model
from pitwall.testing import good_candidate

AUDIT = gates()["leak_audit"]


def next_place(rows):
    return rows.groupby("driver_id")["place"].shift(-1)


def place_so_far(history):
    return history["place"].mean()


@pytest.fixture
def session():
    """The process's registry with an honest feature, and one that got past the trial."""
    FeatureEngineer().register("place_so_far")(place_so_far)
    _SESSION["next_place"] = Registered(HistoryFeature("next_place", next_place, vectorised=True).group(), 1)
    yield
    _SESSION.clear()


def test_a_custom_feature_that_looks_ahead_is_caught_on_the_candidates_own_data(session):
    candidate = good_candidate()
    honest = replace(candidate, groups=read_groups(model("order"), ["grid", "place_so_far"]))
    peeking = replace(candidate, groups=read_groups(model("order"), ["grid", "next_place"]))
    assert [group.name for group in honest.groups] == ["place_so_far", "session"]
    assert all(verdict.passed for verdict in AUDIT.check(honest))
    (verdict,) = AUDIT.check(peeking)
    assert not verdict.passed
    assert "next_place.next_place: " in verdict.reason and "driver_id" in verdict.reason


def test_a_shipped_group_outside_the_models_set_is_replayed_too():
    assert [group.name for group in read_groups(model("order"), ["momentum_score", "grid"])] == [
        "momentum_score",
        "session",
    ]


def test_a_feature_that_no_group_owns_stops_the_model():
    with pytest.raises(FeatureError, match="reads next_place, which no feature group owns.*docs/adding.md"):
        read_groups(model("order"), ["grid", "next_place"])
