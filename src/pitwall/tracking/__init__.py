"""What a run was: its configuration, names and manifest, what can be asked of them, and when a training stops. Loaded on first use (PEP 562)."""

from importlib import import_module
from typing import Any

_HOME = {
    "BestWeights": "pitwall.tracking.early_stopping.adapters",
    "EarlyStopping": "pitwall.tracking.early_stopping",
    "ExperimentTracker": "pitwall.tracking.json_runs.lab",
    "JsonTracker": "pitwall.tracking.json_runs.tracker",
    "ExperimentConfig": "pitwall.tracking.config",
    "RunManifest": "pitwall.tracking.manifest",
    "Sampler": "pitwall.tracking.sampling",
    "TrainLoop": "pitwall.tracking.train_loop",
    "load_model": "pitwall.tracking.run_models",
    "report_or_prune": "pitwall.tracking.early_stopping.adapters",
    "save_model": "pitwall.tracking.run_models",
    "xgboost_callback": "pitwall.tracking.early_stopping.adapters",
}
__all__ = sorted(_HOME)  # noqa: PLE0605  (one list of names, kept in one place)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'pitwall.tracking' has no attribute {name!r}; it has: {', '.join(__all__)}")
