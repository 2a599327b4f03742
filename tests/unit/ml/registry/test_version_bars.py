"""A version is called by what tells it from the others: its learning rate, or the setting in which its kind differs."""

from pitwall.ml.registry.version_bars import VersionBar, labels


def test_the_learning_rate_comes_first_then_what_differs_then_what_there_is():
    bars = [
        VersionBar(1, "grid_frequency", champion=False, baseline=True, settings={"bandwidth": 0.12}),
        VersionBar(2, "xgboost", champion=True, baseline=False, settings={"max_depth": 3, "eta": 0.03125}),
        VersionBar(3, "logistic", champion=False, baseline=False, settings={"drop_share": 0.4, "prior": 1.0}),
        VersionBar(4, "logistic", champion=False, baseline=False, settings={"drop_share": 0.4, "prior": 2.0}),
        VersionBar(5, "constant", champion=False, baseline=False),
    ]
    assert labels(bars) == [
        "v1 grid_frequency, bandwidth 0.12 (baseline)",
        "v2 xgboost, learning rate 0.0312 (champion)",
        "v3 logistic, prior 1",
        "v4 logistic, prior 2",
        "v5 constant",
    ]
