"""A model as MLflow runs it ("models from code"): no object is pickled, this file and data files are all.

MLflow copies this file into the logged model and executes it on load, so it imports nothing of the project until then.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd

# Looked up on load, not imported: the model's logic lives above the adapters, and this file runs alone in MLflow.
LOGIC = "pitwall.ml.models.machinery.fitted"


class ModelFromFolder(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Answer frame rows with what the model of a folder says of them."""

    def load_context(self, context: Any) -> None:
        """Read the model folder that was logged as the artifact `model`."""
        self._model = import_module(LOGIC).FittedModel.load(Path(context.artifacts["model"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> np.ndarray:
        """Return rows x answer columns (for the order P(place)), aligned to the input; every race in it must be complete."""
        frame = model_input.assign(race_id=model_input["race_id"].astype("int64"))
        return np.asarray(self._model.positions(frame), dtype="float64")


mlflow.models.set_model(ModelFromFolder())
