"""A tiny world in the form of RelBench's rel-f1: a dump of a few seasons and the benchmark's tables, in a folder."""

from pitwall.testing.worlds.relbench.tables import write_tiny_relbench

__all__ = ["write_tiny_relbench"]
