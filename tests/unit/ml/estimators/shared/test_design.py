"""Within-race transforms: what they compute, what they leave null, and that races do not mix."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError
from pitwall.ml.estimators.shared.design import TRANSFORMS, design, impute

FRAME = pd.DataFrame({"race_id": [1, 1, 1, 2, 2], "grid": [1.0, 2.0, np.nan, 4.0, 4.0]})


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("raw", [1, 2, np.nan, 4, 4]),
        ("log", [0, np.log(2), np.nan, np.log(4), np.log(4)]),
        ("mean", [-0.5, 0.5, np.nan, 0, 0]),
        ("best_low", [0, 1, np.nan, 0, 0]),
        ("best_high", [-1, 0, np.nan, 0, 0]),
        ("z", [-1, 1, np.nan, 0, 0]),
        ("rank", [1, 2, np.nan, 1.5, 1.5]),
    ],
)
def test_transform(how: str, expected: list[float]) -> None:
    found = design(FRAME, ["grid"], {"*": (how,)})
    assert np.allclose(found[f"grid.{how}"], expected, equal_nan=True)


def test_every_transform_is_covered() -> None:
    assert set(TRANSFORMS) == {"raw", "log", "mean", "best_low", "best_high", "z", "rank"}


def test_imputing_marks_what_was_missing() -> None:
    found = impute(design(FRAME, ["grid"], {"*": ("mean",)}))
    assert found["grid.mean"].tolist() == [-0.5, 0.5, 0, 0, 0]
    assert found["grid.mean.missing"].tolist() == [0, 0, 1, 0, 0]


def test_a_missing_feature_is_named() -> None:
    with pytest.raises(FeatureError, match="lacks the features gap"):
        design(FRAME, ["gap"], {"*": ("raw",)})
