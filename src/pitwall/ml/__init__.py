"""Models: estimators, templates, training, judging, promotion and forecasts. Loaded on first use (PEP 562)."""

from importlib import import_module
from typing import Any

_HOME = {
    "DataSelection": "pitwall.ml.selection",
    "FeatureStore": "pitwall.ml.feature_store",
    "OrderModel": "pitwall.ml.order",
    "TrainingData": "pitwall.ml.matrix",
    "TrainingJob": "pitwall.ml.training",
    "missing_mask": "pitwall.ml.matrix",
    "position_probabilities": "pitwall.ml.positions",
    "train": "pitwall.ml.training",
}
__all__ = sorted(_HOME)  # noqa: PLE0605  (one list of names, kept in one place)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'pitwall.ml' has no attribute {name!r}; it has: {', '.join(__all__)}")
