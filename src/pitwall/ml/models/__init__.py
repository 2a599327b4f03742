"""Models, one file each. A file that ends with `MODEL = ...` is found here; `machinery` fits, keeps and loads them."""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.ml.models._model import Model

__all__ = ["Model", "model", "models"]


def models() -> dict[str, Model]:
    """Return all models by name."""
    return discover(sys.modules[__name__], "MODEL")


def model(name: str) -> Model:
    """Return one model; raise UnknownName with the nearest known one."""
    found: Model = pick("model", name, models())
    return found
