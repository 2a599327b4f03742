"""Models, one file each. A file that ends with `MODEL = ...` is found here; `machinery` fits, keeps and loads them.

A user's model has no file: it is made of its spec, and found by its name where it is asked for.
"""

from __future__ import annotations

from pitwall.domain.plugins import pick
from pitwall.ml.models._model import Model
from pitwall.ml.models._of_spec import model_of_spec
from pitwall.ml.models._shipped import models
from pitwall.ml.specs import find_spec

__all__ = ["Model", "model", "models"]


def model(name: str) -> Model:
    """Return one model, a user's too; raise UnknownName with the nearest known one."""
    known = models()
    if name not in known and (stored := find_spec(name)):
        return model_of_spec(stored, known)
    found: Model = pick("model", name, known)
    return found
