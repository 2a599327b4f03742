"""Families of answers, one folder each. A folder that defines `FAMILY = ...` is found here; families know nothing of each other."""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.ml.families._family import Calibration, Classes, Counted, Course, Family, Metric

__all__ = ["Calibration", "Classes", "Counted", "Course", "Family", "Metric", "families", "family", "metric"]


def families() -> dict[str, Family]:
    """Return all families by name."""
    return discover(sys.modules[__name__], "FAMILY", folders=True)


def family(name: str) -> Family:
    """Return one family; raise UnknownName with the nearest known one."""
    found: Family = pick("family", name, families())
    return found


def metric(name: str) -> Metric:
    """Return a metric by its name: its direction and what is right are the same in every family, how it is counted is each one's own.

    Raises:
        UnknownName: no family has one of that name; offers the nearest.
    """
    known = {key: each for found in families().values() for key, each in {**found.metrics, **found.whole}.items()}
    found: Metric = pick("metric", name, known)
    return found
