"""What a registered model asks to have installed: what every answer needs, and the libraries that its recipe names."""

from importlib.metadata import version

import pytest

from pitwall.adapters.mlflow.pyfunc import RUNTIME, requirements
from pitwall.ml.models.machinery.recipe import Recipe


@pytest.mark.parametrize(
    ("estimator", "more"),
    [
        ("logistic", []),
        ("xgboost", []),
        ("lightgbm", ["lightgbm"]),
        ("catboost", ["catboost"]),
        ("ensemble", ["lightgbm"]),
    ],
)
def test_a_model_asks_for_the_library_that_it_answers_with_and_for_no_other(estimator, more, tmp_path):
    recipe = Recipe("dnf", estimator, ("grid",), {"rounds": 3}, 7, "pre_race")
    recipe.save(tmp_path)
    assert requirements(tmp_path) == [f"{name}=={version(name)}" for name in (*RUNTIME, *more)]
    assert ("libraries" in (tmp_path / "recipe.json").read_text()) == bool(more)
    assert Recipe.load(tmp_path) == recipe
