"""Models of one's own runs as folders of data: the library's file, and beside it `model.json`, which says what it is and what its hash is.

Nothing is pickled, and no class is imported because a file names it: the formats below are all that is read.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.model_libraries import class_name, library_of
from pitwall.tracking.run_models.formats import FORMATS

ENTRY = "model.json"


def save_model(model: Any, folder: Path) -> Path:
    """Write a model into a folder, and return the folder.

    Args:
        model: of PyTorch (its parameters), XGBoost, LightGBM, CatBoost, scikit-learn (through skops), or of Pitwall.
        folder: not there, or empty.

    Raises:
        UsageError: the folder holds something, the model is of no such library, or skops is not installed.
        TrackingError: it has parts that are no data; names them.

    Example:
        >>> import tempfile
        >>> import numpy as np, xgboost
        >>> rows = xgboost.DMatrix(np.array([[0.0], [1.0]]), label=[0, 1])
        >>> folder = save_model(xgboost.train({}, rows, 2), Path(tempfile.mkdtemp()))
        >>> sorted(each.name for each in folder.iterdir())
        ['model.json', 'model.ubj']
        >>> load_model(folder).num_boosted_rounds()
        2
    """
    model = _bare(model)
    form = FORMATS[library_of(model)]
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} holds something already; give a folder that is empty or not there.")
    folder.mkdir(parents=True, exist_ok=True)
    about = form.save(model, folder)
    entry = {
        "format": form.name,
        "class": class_name(model),
        "library": form.package,
        "version": version(form.package),
        "files": {name: _hash(folder / name) for name in _files(folder)},
        **about,
    }
    write_atomically(folder / ENTRY, json.dumps(entry, indent=1, sort_keys=True) + "\n")
    return folder


def load_model(folder: Path, into: Any = None) -> Any:
    """Return the model of a folder, after its files were held against their hashes.

    Args:
        folder: that `save_model` wrote.
        into: a network of PyTorch whose parameters are set; without one, they are returned as {name: tensor}.

    Raises:
        TrackingError: there is no model, or a file is not what was written.
        UnknownName: it has a format that is not known.
        UsageError: `into` is given for a model that needs none.
    """
    entry = _entry(folder)
    known = {form.name: form for form in FORMATS.values()}
    if (form := known.get(str(entry["format"]))) is None:
        raise UnknownName("format of a model", str(entry["format"]), known)
    if into is not None and not form.fills:
        raise UsageError(f"a model of {form.package} is made by its file; `into` is for networks of PyTorch.")
    if (here := version(form.package)) != entry["version"]:
        warnings.warn(
            f"the model in {folder} was written by {form.package} {entry['version']}, and {here} reads it.",
            stacklevel=2,
        )
    return form.load(folder, entry, into)


def _bare(model: Any) -> Any:
    """Return what a trained model of the bench answers with; any other model itself."""
    inner = getattr(model, "fitted", None) if type(model).__module__.startswith("pitwall.workflows.") else None
    return model if inner is None else inner


def _entry(folder: Path) -> Mapping[str, Any]:
    if not (folder / ENTRY).is_file():
        raise TrackingError(f"{folder} holds no model: there is no {ENTRY}. Write one with log_model or save_model.")
    try:
        entry = json.loads((folder / ENTRY).read_text(encoding="utf-8"))
        files, _, _ = dict(entry["files"]), entry["format"], entry["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise TrackingError(f"{folder / ENTRY} is not what was written ({error!r}); log the model again.") from None
    found = {name: _hash(folder / name) for name in _files(folder)}
    changed = sorted(name for name in {*files, *found} if files.get(name) != found.get(name))
    if changed:
        raise TrackingError(
            f"{', '.join(changed)} in {folder} is not what was written (another sha256, a file too many or too few): nothing was read. "
            "Take the run's own files again, or log the model again."
        )
    return dict(entry)


def _files(folder: Path) -> list[str]:
    return sorted(
        each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file() and each.name != ENTRY
    )


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
