"""Axes of values that may be numbers or names: where each value lies, and whether its axis is better read by the logarithm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAR = 30  # the largest of some numbers over the smallest, from which on the logarithm is drawn


def places(values: Sequence[object]) -> tuple[np.ndarray, list[str]]:
    """Return places on an axis, and the names of the places where values are no numbers.

    Example:
        >>> places(["sgd", "adam", "sgd"])[1]
        ['adam', 'sgd']
    """
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
        return np.array(values, dtype=np.float64), []
    texts = [str(each) for each in values]
    names = sorted(set(texts))
    return np.array([names.index(text) for text in texts], dtype=np.float64), names


def by_logarithm(at: np.ndarray) -> bool:
    """Return whether numbers spread so far that only their logarithms can be told apart on one axis."""
    return bool(len(at) and at.min() > 0 and at.max() / at.min() > FAR)


def scaled(at: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return places between the ends of an axis as shares of it."""
    if by_logarithm(at):
        at, low, high = np.log(at), float(np.log(low)), float(np.log(high))
    return np.asarray((at - low) / (high - low or 1.0))


def told(value: float, names: Sequence[str]) -> str:
    """Return what stands at a place of an axis."""
    return names[round(value)] if names else f"{value:.3g}"


def dress_across(axes: Axes, name: str, at: np.ndarray, ticks: Sequence[str]) -> None:
    """Give the axis across its label, and names or the logarithm where it needs them."""
    axes.set_xlabel(name)
    if ticks:
        axes.set_xticks(range(len(ticks)), ticks, fontsize=8)
    elif by_logarithm(at):
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter("")
