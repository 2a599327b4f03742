"""The tiny world under the name that tests use; it lives in `pitwall.features._tiny`, where custom features are tried out."""

from pitwall.features._tiny import FIRST_SEASON, corrected, tiny_tables

__all__ = ["FIRST_SEASON", "corrected", "tiny_tables"]
