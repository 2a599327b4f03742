"""Models: estimators, templates, training, judging, promotion and forecasts. Loaded on first use (PEP 562)."""

from importlib import import_module
from typing import Any

_HOME = {
    "AutoMLTrainer": "pitwall.workflows.notebook.automl",
    "DataSelection": "pitwall.ml.data.selection",
    "FeatureStore": "pitwall.workflows.notebook.feature_store",
    "FittedModel": "pitwall.ml.models.machinery.fitted",
    "ModelBuilder": "pitwall.workflows.notebook.bench.builder",
    "OrderModel": "pitwall.ml.models.machinery.fitted",
    "TrainingData": "pitwall.ml.data.training_data",
    "TrainingJob": "pitwall.ml.training.training_job",
    "missing_mask": "pitwall.ml.data.training_data",
    "position_probabilities": "pitwall.ml.families.order.plackett_luce",
}
__all__ = sorted(_HOME)  # noqa: PLE0605  (one list of names, kept in one place)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'pitwall.ml' has no attribute {name!r}; it has: {', '.join(__all__)}")
