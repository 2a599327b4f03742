"""The life of a model version: offered, approved, promoted, rolled back, archived; every step a row of the history."""

from pitwall.ml.registry._rows import recover

__all__ = ["recover"]
