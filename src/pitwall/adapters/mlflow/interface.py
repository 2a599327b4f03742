"""A registered model as a stranger meets it: the signature, the example and the answer that MLflow itself gives.

The gates ask this, and not the folder that was trained, because it is what a server of MLflow would load.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import ModelInterface

TYPES = {"long": "int64", "double": "float64", "string": "object"}


def read_interface(address: str) -> ModelInterface:
    """Return the interface of the logged model at an address of the artifact store.

    Raises:
        TrackingError: there is no such model, or it was logged without a signature or an example.
    """
    from mlflow import pyfunc
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        # as an address: MLflow would decode a '%20' in a plain path
        model = pyfunc.load_model(Path(download_artifacts(address)).absolute().as_uri())
    except (MlflowException, OSError) as error:
        raise TrackingError(f"MLflow cannot load the model at {address}: {error}") from error
    signature, example = model.metadata.signature, model.input_example
    if signature is None or example is None:
        raise TrackingError(f"the model at {address} has no signature or no input example; train it again.")
    inputs = {column.name: TYPES.get(column.type.name, column.type.name) for column in signature.inputs.inputs}
    return ModelInterface(inputs, example, _answer(model))


def _answer(model: Any) -> Any:
    def predict(rows: pd.DataFrame) -> np.ndarray:
        return np.asarray(model.predict(rows))

    return predict
