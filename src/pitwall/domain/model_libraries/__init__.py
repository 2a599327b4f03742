"""Of which library a model is, and what a file of it may name: models are kept as data, in whatever store."""

from __future__ import annotations

from typing import Any

from pitwall.domain.errors import UsageError

OWN = "pitwall"
FITTED = "pitwall.ml.models.machinery.fitted.FittedModel"
BOOSTERS = ("xgboost", "lightgbm", "catboost")
# Classes that a file of skops may name beside those that skops knows: what scikit-learn's own trees are made of, and nothing else.
TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor", "sklearn.tree._tree.Tree")


def class_name(model: Any) -> str:
    """Return the whole name of the class of a model."""
    return f"{type(model).__module__}.{type(model).__qualname__}"


def library_of(model: Any) -> str:
    """Return the library that a model is of: a network of PyTorch may be of anybody's own class, a pipeline of scikit-learn not.

    Raises:
        UsageError: it is of none whose models are kept as data.
    """
    if class_name(model) == FITTED:
        return OWN
    roots = [each.__module__.partition(".")[0] for each in type(model).__mro__]
    for library in ("torch", *BOOSTERS):
        if library in roots:
            return library
    if roots[0] == "sklearn":
        return "sklearn"
    raise UsageError(
        f"a model of {class_name(model)} is kept in no form of data: known are those of PyTorch, XGBoost, LightGBM, CatBoost, "
        "scikit-learn and Pitwall. Log its numbers as an artifact instead; a pickle would run code when it is read."
    )
