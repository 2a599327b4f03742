"""Pitwall: Formula 1 forecasts with their baselines, intervals and provenance.

Names are loaded on first use (PEP 562): `import pitwall as pw` costs milliseconds, the model libraries come with the
first attribute that needs them.

Example:
    >>> import pitwall as pw
    >>> pw.__version__
    '0.1.0'
"""

from importlib import import_module
from typing import Any

from pitwall.domain.arrow_zones import keep_zones
from pitwall.domain.renames import old_modules

keep_zones()
old_modules.install()

__version__ = "0.1.0"
_HOME = {
    "AutoMLTrainer": "pitwall.workflows.notebook.automl",
    "Client": "pitwall.serving.client",
    "ExperimentConfig": "pitwall.tracking",
    "ExperimentTracker": "pitwall.workflows.notebook.experiment_tracker",
    "FeatureEngineer": "pitwall.features",
    "FeatureStore": "pitwall.workflows.notebook.feature_store",
    "HyperparameterSearch": "pitwall.workflows.notebook.hyperparameter_search",
    "MLPipeline": "pitwall.workflows.notebook.pipeline",
    "ModelBuilder": "pitwall.workflows.notebook.bench.builder",
    "ModelRegistry": "pitwall.workflows.notebook.model_registry",
    "ProductionExperimentTracker": "pitwall.adapters.mlflow.production.tracker",
    "ReproducibleExperiment": "pitwall.workflows.notebook.experiment",
    "RunManifest": "pitwall.tracking",
    "TrainedModel": "pitwall.workflows.notebook.bench.trained",
    "audit": "pitwall.ml.audit",
    "backtest": "pitwall.workflows.notebook.backtest",
    "follow": "pitwall.workflows.notebook.live",
    "load": "pitwall.workflows.notebook.model",
    "plot_race": "pitwall.workflows.notebook.plots",
}
__all__ = [*_HOME, "domain", "features", "ml", "sources", "tracking"]  # noqa: PLE0604  (one list of names, in one place)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in __all__:
        return import_module(f"pitwall.{name}")
    raise AttributeError(f"module 'pitwall' has no attribute {name!r}; it has: {', '.join(__all__)}")
