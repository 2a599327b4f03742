"""Pairs of forecasts whose true difference is known: made by disturbing the true chances of winning.

Both models of a pair share an error (they read the same features) and have one of their own. How large the worse one's own
is follows from the difference that is asked for, in expected log loss over all races: no outcome enters it. A worse model
is worse either by *noise* (it is wrong about who), by being *bold* (it is too sure), which costs rarely and then much: the
harder case for an interval, or by being *timid* (not sure enough), which costs little and often.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pitwall.ml.families.shared.events import FLOOR

SHARED, OWN = 0.35, 0.15  # standard deviations of log odds: a regret of about .04 nats, and .01 apart
STEPS = 60  # of the bisection
LARGEST = 8.0
WORSE: dict[str, Callable[[np.ndarray, float, np.ndarray], np.ndarray]] = {
    "noise": lambda base, size, error: base + size * error,
    "bold": lambda base, size, _: (1 + size) * base,
    "timid": lambda base, size, _: base / (1 + size),
}


@dataclass(frozen=True)
class Pair:
    """Chances of winning (races x cars, zero where there is no car) that a candidate and a champion say."""

    candidate: np.ndarray
    champion: np.ndarray


def expected_loss(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return the log loss that each race is expected to cost, in nats: -sum of p log q over its cars."""
    return np.asarray(-(truth * np.log(np.clip(said, FLOOR, 1.0))).sum(axis=1))


def make_pair(truth: np.ndarray, difference: float, kind: str, rng: np.random.Generator) -> Pair:
    """Return a pair in which the candidate's expected log loss is `difference` nats above the champion's.

    Args:
        truth: true chances, races x cars.
        difference: nats per race; negative for a better candidate.
        kind: "noise", "bold" or "timid": what is wrong with the worse one.
        rng: of the errors.
    """
    shared, one, two = rng.normal(size=(3, *truth.shape))
    base = np.log(np.maximum(truth, FLOOR)) + SHARED * shared
    better = _chances(base + OWN * one, truth)
    goal = expected_loss(truth, better).mean() + abs(difference)

    def worse(size: float) -> np.ndarray:
        return _chances(WORSE[kind](base, size, two), truth)

    low, high = 0.0, LARGEST
    for _ in range(STEPS):
        middle = (low + high) / 2
        if expected_loss(truth, worse(middle)).mean() < goal:
            low = middle
        else:
            high = middle
    return Pair(worse(high), better) if difference >= 0 else Pair(better, worse(high))


def _chances(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return chances from logits, cars that cannot win left out."""
    power = np.where(truth > 0, np.exp(logits - logits.max(axis=1, keepdims=True)), 0.0)
    return np.asarray(power / power.sum(axis=1, keepdims=True))
