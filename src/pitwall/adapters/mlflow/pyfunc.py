"""Write a model folder as MLflow's pyfunc, from code and data: no pickle anywhere, a signature that bears nulls."""

from __future__ import annotations

import json
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.adapters.mlflow.store import prepare_environment
from pitwall.domain.keys import CUTOFF, SPINE_NAMES

MODEL_CODE = Path(__file__).with_name("model_code.py")
RUNTIME = ("mlflow", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml", "scikit-learn", "scipy", "xgboost")
IDS = tuple(name for name in SPINE_NAMES if name != CUTOFF)
COLUMN_TYPES = {"int64": "long", "float64": "double", "object": "string"}


def example_input(example: pd.DataFrame) -> pd.DataFrame:
    """Return model input rows as the signature wants them: ids int64, numbers float64, text string, no instants.

    Only the spine's ids may be integers: they are never null, and MLflow refuses to read an integer as a float. Any other
    integer column would break the signature with its first null.
    """
    columns = {}
    for name in example.columns:
        column = example[name]
        if pd.api.types.is_integer_dtype(column) and name in IDS:
            columns[name] = column.astype("int64")
        elif pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[name] = column.astype("float64")
        elif not pd.api.types.is_datetime64_any_dtype(column):
            columns[name] = column.astype("object")
    return pd.DataFrame(columns).reset_index(drop=True)


def requirements(model: Path) -> list[str]:
    """Return what the model of a folder needs to answer, with the versions installed here."""
    recipe = model / "recipe.json"
    more = json.loads(recipe.read_text(encoding="utf-8")).get("libraries", []) if recipe.is_file() else []
    return [f"{package}=={installed(package)}" for package in (*RUNTIME, *more)]


def save_pyfunc(target: Path, model: Path, example: pd.DataFrame, logged: Any) -> None:
    """Write the pyfunc folder of a model folder."""
    prepare_environment()
    import mlflow
    import numpy as np
    from mlflow.models import Model
    from mlflow.models.signature import ModelSignature
    from mlflow.types import ColSpec, Schema, TensorSpec

    rows = example_input(example)
    outputs = Schema([TensorSpec(np.dtype("float64"), (-1, -1))])  # rows x places: fields differ in size
    inputs = Schema([ColSpec(COLUMN_TYPES[str(kind)], name) for name, kind in rows.dtypes.items()])
    signature = ModelSignature(inputs=inputs, outputs=outputs)
    mlflow.pyfunc.save_model(
        str(target),
        python_model=str(MODEL_CODE),
        artifacts={"model": str(model)},
        signature=signature,
        input_example=rows,
        pip_requirements=requirements(model),
        mlflow_model=Model(
            artifact_path=logged.artifact_location, run_id=logged.source_run_id, model_id=logged.model_id
        ),
    )
