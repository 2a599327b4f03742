"""A device is a parameter of what can learn on it, settled over whatever a search says; of others it is an unknown name."""

from __future__ import annotations

import pytest

from pitwall.domain.errors import UnknownName
from pitwall.ml.estimators import estimator
from pitwall.ml.training.fixed_params import asked_devices, with_params


def test_a_device_is_asked_of_a_learner_that_has_it():
    plugin = with_params(estimator("binary", "xgboost"), {"device": "cuda"})
    assert plugin.default()["device"] == "cuda" and plugin.name == "xgboost"
    assert "device" not in estimator("binary", "xgboost").default()


@pytest.mark.parametrize("name", ["logistic", "blend"])
def test_a_line_and_what_pools_others_are_not_asked(name):
    plugin = estimator("binary", name)
    assert asked_devices(plugin) == ("cpu",)
    with pytest.raises(UnknownName, match="device"):
        with_params(plugin, {"device": "cuda"})
