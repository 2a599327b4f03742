"""The tiny world under the name that tests use; it lives in `pitwall.features.machinery.tiny_world.tables`, where custom features are tried out."""

from pitwall.features.machinery.tiny_world.tables import FIRST_SEASON, corrected, tiny_tables

__all__ = ["FIRST_SEASON", "corrected", "tiny_tables"]
