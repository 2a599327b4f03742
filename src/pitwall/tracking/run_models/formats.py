"""The form of data that each library's models have: how it is written, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.domain.model_libraries import FITTED, OWN, TRUSTED

About = dict[str, Any]


@dataclass(frozen=True)
class Format:
    """A form of data.

    Attributes:
        name: as `model.json` says it.
        package: the distribution whose version is written down.
        save: (model, folder) -> what else `model.json` says.
        load: (folder, `model.json`, what to load into) -> the model.
        fills: a model that is given is filled.
    """

    name: str
    package: str
    save: Callable[[Any, Path], About]
    load: Callable[[Path, Mapping[str, Any], Any], Any]
    fills: bool = False


def _save_xgboost(model: Any, folder: Path) -> About:
    model.save_model(folder / "model.ubj")
    return {"kind": _kind(model, XGBOOST)}


def _load_xgboost(folder: Path, entry: Mapping[str, Any], into: Any) -> Any:
    model = _made("xgboost", entry, XGBOOST)
    model.load_model(folder / "model.ubj")
    return model


def _save_lightgbm(model: Any, folder: Path) -> About:
    getattr(model, "booster_", model).save_model(folder / "model.txt")
    return {}


def _load_lightgbm(folder: Path, entry: Mapping[str, Any], into: Any) -> Any:
    """Return the trees: the classes in the manner of scikit-learn have no form of their own, and answer by these."""
    import lightgbm

    return lightgbm.Booster(model_file=folder / "model.txt")


def _save_catboost(model: Any, folder: Path) -> About:
    model.save_model(str(folder / "model.cbm"), format="cbm")
    return {"kind": _kind(model, CATBOOST)}


def _load_catboost(folder: Path, entry: Mapping[str, Any], into: Any) -> Any:
    return _made("catboost", entry, CATBOOST).load_model(str(folder / "model.cbm"), format="cbm")


def _save_torch(model: Any, folder: Path) -> About:
    """Write the parameters as arrays: what the network computes is code, and stays with whoever wrote it."""
    import numpy as np

    state = model.state_dict()
    other = sorted(name for name, value in state.items() if not hasattr(value, "detach"))
    if other:
        raise TrackingError(f"the network's state has parts that are no tensors, so it is no data: {', '.join(other)}.")
    try:
        arrays = [value.detach().cpu().numpy() for value in state.values()]
    except TypeError as error:  # bfloat16, say
        raise TrackingError(f"the network has tensors that NumPy does not know ({error}); convert it first.") from error
    np.savez(folder / "state.npz", *arrays)
    return {"tensors": list(state)}


def _load_torch(folder: Path, entry: Mapping[str, Any], into: Any) -> Any:
    import numpy as np
    import torch

    with np.load(folder / "state.npz", allow_pickle=False) as arrays:
        state = {name: torch.from_numpy(arrays[f"arr_{place}"]) for place, name in enumerate(entry["tensors"])}
    if into is None:
        return state
    try:
        into.load_state_dict(state)
    except RuntimeError as error:
        raise UsageError(f"the parameters are of another network than {type(into).__name__}: {error}") from error
    return into


def _save_sklearn(model: Any, folder: Path) -> About:
    io = _skops()
    try:
        io.dump(model, folder / "model.skops")
    except Exception as error:  # it raises what the part that it cannot write raises
        raise TrackingError(f"skops cannot write a {type(model).__name__} as data: {error}") from error
    try:
        _see_trusted(io, folder)
    except TrackingError:
        (folder / "model.skops").unlink()
        raise
    return {}


def _load_sklearn(folder: Path, entry: Mapping[str, Any], into: Any) -> Any:
    io = _skops()
    _see_trusted(io, folder)
    return io.load(folder / "model.skops", trusted=list(TRUSTED))


def _skops() -> Any:
    if find_spec("skops") is None:
        raise UsageError(
            "models of scikit-learn are kept as data by the package skops, which is not installed: `pip install skops`."
        )
    return import_module("skops.io")


def _see_trusted(io: Any, folder: Path) -> None:
    """Refuse classes that are neither skops's nor on our own list: a file that could bring its own list would trust itself."""
    strange = sorted(set(io.get_untrusted_types(file=folder / "model.skops")) - set(TRUSTED))
    if strange:
        raise TrackingError(f"the model has parts of classes that are not trusted to be data: {', '.join(strange)}.")


def _save_own(model: Any, folder: Path) -> About:
    model.recipe.save(folder)
    model.fitted.save(folder)
    return {}


def _load_own(folder: Path, entry: Mapping[str, Any], into: Any) -> Any:
    module, _, name = FITTED.rpartition(".")  # looked up when it is asked for: models stand beside tracking, not below
    return getattr(import_module(module), name).load(folder)


def _kind(model: Any, kinds: tuple[str, ...]) -> str:
    """Return which of a library's classes a model is of; one of somebody's own is kept as what it was made from."""
    return next(each.__name__ for each in type(model).__mro__ if each.__name__ in kinds)


def _made(library: str, entry: Mapping[str, Any], kinds: tuple[str, ...]) -> Any:
    if entry.get("kind") not in kinds:
        raise UnknownName(f"kind of a model of {library}", str(entry.get("kind")), kinds)
    return getattr(import_module(library), entry["kind"])()


XGBOOST = ("Booster", "XGBClassifier", "XGBRegressor", "XGBRanker", "XGBRFClassifier", "XGBRFRegressor")
CATBOOST = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")
FORMATS = {
    "torch": Format("torch-npz", "torch", _save_torch, _load_torch, fills=True),
    "xgboost": Format("xgboost-ubj", "xgboost", _save_xgboost, _load_xgboost),
    "lightgbm": Format("lightgbm-text", "lightgbm", _save_lightgbm, _load_lightgbm),
    "catboost": Format("catboost-cbm", "catboost", _save_catboost, _load_catboost),
    "sklearn": Format("sklearn-skops", "scikit-learn", _save_sklearn, _load_sklearn),
    OWN: Format("pitwall-folder", "pitwall-ml", _save_own, _load_own),
}
