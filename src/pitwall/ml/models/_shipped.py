"""Models that ship or are plug-ins: what DVC's steps know, which train no user's model."""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.ml.models._model import Model


def models() -> dict[str, Model]:
    """Return all models that ship or are plug-ins, by name."""
    return discover(sys.modules["pitwall.ml.models"], "MODEL")


def shipped(name: str) -> Model:
    """Return one of them; raise UnknownName with the nearest known one."""
    found: Model = pick("model", name, models())
    return found
