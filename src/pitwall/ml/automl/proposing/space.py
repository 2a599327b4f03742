"""What a search may choose of an estimator, as data: its space, asked once and written down."""

from __future__ import annotations

from typing import Any


class Space:
    """A trial that writes down what a search may choose, and chooses what it is told to."""

    def __init__(self, chosen: dict[str, Any]) -> None:
        self.chosen = chosen
        self.ranges: dict[str, tuple[str, Any, Any, bool]] = {}

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Choose a real number."""
        self.ranges[name] = ("float", low, high, log)
        return float(min(max(self.chosen.get(name, low), low), high))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Choose an integer."""
        self.ranges[name] = ("int", low, high, log)
        return int(min(max(self.chosen.get(name, low), low), high))

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """Choose one of a few values."""
        values = list(choices)
        self.ranges[name] = ("choice", values, None, False)
        return self.chosen.get(name, values[0])
