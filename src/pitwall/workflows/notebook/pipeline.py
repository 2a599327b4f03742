"""`pw.MLPipeline`: features, a tracked training, its score on rows that it has not seen, and a version: one call.

The smallest thing that goes the whole way; models that are to answer somebody go through the pipeline's own trainings and their gates.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pitwall.domain.errors import UsageError
from pitwall.tracking.config import ExperimentConfig
from pitwall.tracking.experiments.tracker import ExperimentTracker
from pitwall.workflows.notebook.by_hand.softmax import Floats, Softmax, fit
from pitwall.workflows.notebook.feature_store import FeatureStore
from pitwall.workflows.notebook.model_registry import ModelRegistry

HELD_OUT = 0.2
Z = 1.96  # of a 95 % interval


class MLPipeline:
    """Train a small classifier on features of raw records, track it, and note its version.

    Args:
        feature_store: knows the features of the entities.
        tracker: keeps the run.
        registry: keeps the version.
        held_out: the share of the rows that is scored and not learned from: the last ones, in the order given.
    """

    def __init__(
        self,
        feature_store: FeatureStore,
        tracker: ExperimentTracker,
        registry: ModelRegistry,
        held_out: float = HELD_OUT,
    ) -> None:
        if not 0 < held_out < 1:
            raise UsageError(f"found held_out={held_out}; it is a share of the rows, above 0 and below 1.")
        self.feature_store, self.tracker, self.registry, self.held_out = feature_store, tracker, registry, held_out

    def train_and_register(
        self,
        config: Mapping[str, Any] | ExperimentConfig,
        entity_ids: Sequence[Hashable],
        feature_set_name: str,
        labels: Sequence[Any],
    ) -> dict[str, Any]:
        """Train on the first rows, score the last ones, register; return run_id, version, accuracy and what it is worth.

        The order of the entities is the order of time, and nothing is shuffled: what is scored comes after what was learned from. The
        logged histories `loss` and `accuracy` are of the held-out rows, `train_loss` is of the others.

        Args:
            config: `model_name` (model), `lr` (.01), `epochs` (50) and whatever else is to be remembered.
            entity_ids: entities that were stored, oldest first.
            feature_set_name: a set of raw features.
            labels: the class of each entity.

        Returns:
            run_id, version, accuracy of the held-out rows, accuracy_low and accuracy_high (95 %, Wilson), baseline_accuracy (always the
            commonest class of the training rows), n_train, n_held_out.

        Raises:
            UsageError: labels and entities differ in number, or too few rows or classes are left to learn from.
            UnknownName: an entity or the set is unknown.
        """
        settings = config.to_dict() if isinstance(config, ExperimentConfig) else dict(config)
        name = str(settings.get("model_name", "model"))
        X, names = self.feature_store.get_training_data(entity_ids, feature_set_name)
        y, cut = self._checked(labels, len(X))
        with self.tracker.run(f"pipeline_{name}") as run_id:
            self.tracker.log_params(settings)
            self.tracker.log_params({"n_features": len(names), "n_samples": len(X), "n_held_out": len(X) - cut})
            model = self._fit(X[:cut], y[:cut], (X[cut:], y[cut:]), settings)
            scores = _scores(model, y[:cut], X[cut:], y[cut:])
            self.tracker.log_metrics({f"final_{key}": value for key, value in scores.items()})
            self.tracker.log_artifact(
                "model", {"mean": model.mean, "scale": model.scale, "classes": model.classes, "weights": model.weights}
            )
        told = {"feature_set": feature_set_name, "features": list(names), "n_samples": len(X), "run_id": run_id}
        metrics = {key: scores[key] for key in ("accuracy", "loss", "baseline_accuracy")}
        version = self.registry.register_model(name, {"metrics": metrics, "params": settings, **told})
        return {"run_id": run_id, "version": version, **scores, "n_train": cut, "n_held_out": len(X) - cut}

    def _checked(self, labels: Sequence[Any], rows: int) -> tuple[npt.NDArray[Any], int]:
        """Return the labels as an array, and where the held-out rows begin."""
        y = np.asarray(labels)
        if y.shape != (rows,):
            raise UsageError(f"found {rows} entities and labels of shape {y.shape}; give one label per entity.")
        cut = rows - max(1, math.ceil(self.held_out * rows))
        if cut < 2 or len(np.unique(y[:cut])) < 2:
            raise UsageError(
                f"of {rows} rows the first {max(cut, 0)} are learned from, with {len(np.unique(y[: max(cut, 0)]))} classes; at least 2 rows "
                "with 2 classes are needed. Give more rows, or hold out less."
            )
        return y, cut

    def _fit(
        self, X: Floats, y: npt.NDArray[Any], later: tuple[Floats, npt.NDArray[Any]], settings: Mapping[str, Any]
    ) -> Softmax:
        def report(epoch: int, model: Softmax) -> None:
            told = {"train_loss": model.loss(X, y), "loss": model.loss(*later), "accuracy": model.accuracy(*later)}
            self.tracker.log_metrics(told, step=epoch)

        return fit(X, y, rate=settings.get("lr", 0.01), epochs=settings.get("epochs", 50), report=report)


def _scores(model: Softmax, learned: npt.NDArray[Any], X: Floats, y: npt.NDArray[Any]) -> dict[str, float]:
    accuracy = model.accuracy(X, y)
    low, high = wilson(accuracy, len(y))
    classes, counts = np.unique(learned, return_counts=True)
    baseline = float((y == classes[counts.argmax()]).mean())
    return {
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "baseline_accuracy": baseline,
        "loss": model.loss(X, y),
    }


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of n independent rows, by Wilson's score.

    Example:
        >>> [round(limit, 3) for limit in wilson(0.5, 20)]
        [0.299, 0.701]
    """
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return middle - half, middle + half
