"""Validation gates, one file each: a candidate in, verdicts out. A file that ends with `GATE = ...` is found here."""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.ml.gates._gate import Candidate, Gate, run_gate

__all__ = ["Candidate", "Gate", "gate", "gates", "run_gate"]


def gates() -> dict[str, Gate]:
    """Return all gates by name."""
    return discover(sys.modules[__name__], "GATE")


def gate(name: str) -> Gate:
    """Return one gate; raise UnknownName with the nearest known one."""
    found: Gate = pick("gate", name, gates())
    return found
