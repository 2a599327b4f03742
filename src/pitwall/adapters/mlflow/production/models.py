"""Write a model as MLflow keeps it, in a form that holds data only: the library's own file, a traced graph, or skops; never a pickle."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError, UsageError
from pitwall.domain.model_libraries import OWN, TRUSTED, library_of

RUNTIME = {
    "torch": ("torch", "numpy"),
    "xgboost": ("xgboost", "scikit-learn", "pandas"),
    "lightgbm": ("lightgbm", "scikit-learn", "pandas"),
    "catboost": ("catboost", "pandas"),
    "sklearn": ("scikit-learn", "skops", "pandas"),
}


def save(model: Any, folder: Path, example: Any, logged: Any) -> str:
    """Write a model as MLflow's folder and return the library that it is of.

    Args:
        model: of PyTorch, XGBoost, LightGBM, CatBoost or scikit-learn.
        folder: not there yet.
        example: rows as the model takes them, from which its signature is read; PyTorch needs them.
        logged: MLflow's entry of the model.

    Raises:
        UsageError: it is of none of these, or of PyTorch without an example.
        TrackingError: it cannot be written in a form of data.
    """
    import mlflow
    from mlflow.exceptions import MlflowException
    from mlflow.models import Model

    library = library_of(model)
    entry = Model(artifact_path=logged.artifact_location, run_id=logged.source_run_id, model_id=logged.model_id)
    needs = [f"{each}=={version(each)}" for each in ("mlflow", *RUNTIME[library])]
    common = {"mlflow_model": entry, "pip_requirements": needs, "input_example": _plain(example)}
    try:
        match library:
            case "torch":
                mlflow.pytorch.save_model(model, str(folder), serialization_format="pt2", **common)
            case "xgboost":
                mlflow.xgboost.save_model(model, str(folder), model_format="ubj", **common)
            case "lightgbm":  # MLflow pickles the classes in the manner of scikit-learn, so their trees are taken
                mlflow.lightgbm.save_model(getattr(model, "booster_", model), str(folder), **common)
            case "catboost":
                mlflow.catboost.save_model(model, str(folder), **common)
            case _:
                form = {"serialization_format": "skops", "skops_trusted_types": list(TRUSTED)}
                mlflow.sklearn.save_model(model, str(folder), **form, **common)
    except MlflowException as error:
        raise TrackingError(f"the {type(model).__name__} cannot be kept as data: {error.message}") from error
    return library


def see_example(model: Any, example: Any) -> None:
    """Refuse a model of PyTorch without an example, as what is kept is the graph that the example was traced through, and one of Pitwall."""
    library = library_of(model)
    if library == OWN:
        raise UsageError("a model of Pitwall is registered with its project: `pitwall train`, then `pitwall promote`.")
    if library == "torch" and example is None:
        raise UsageError(
            "a model of PyTorch is kept as the graph that it computes, which is traced with an example: give log_model(model, "
            'input_example=...), an array or a tensor as the model takes it. (`mlflow.pytorch.log_model(model, "model")` as it was '
            "would pickle it.)"
        )


def _plain(example: Any) -> Any:
    """Return tensors as arrays, as MLflow reads a signature from those."""
    if isinstance(example, tuple | list):
        return type(example)(map(_plain, example))
    return example.detach().cpu().numpy() if hasattr(example, "detach") else example
