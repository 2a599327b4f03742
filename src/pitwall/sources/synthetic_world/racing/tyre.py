"""What a lap costs: fuel, tyres as they wear, water on the track. Seconds per lap in percent of a circuit's fast lap.

Arrays are draws x cars. Compounds are indices into `COMPOUNDS`; kinds are 0 dry, 1 intermediate, 2 wet.
"""

from __future__ import annotations

import numpy as np

COMPOUNDS = ("SOFT", "MEDIUM", "HARD", "INTERMEDIATE", "WET")
KIND = np.array([0, 0, 0, 1, 2])
OFFSET = np.array([0.0, 0.45, 0.85, 0.4, 0.4])  # a new set against a new soft one
SLOPE = np.array([0.095, 0.062, 0.042, 0.05, 0.05])  # per lap of age, on a race of 60 laps
LIFE = np.array([0.31, 0.465, 0.68, 0.7, 0.7])  # share of a race after which a set falls off
CLIFF = 0.012  # per squared lap beyond its life
FUEL = 0.062  # per lap of fuel on board, on a race of 60 laps
REFERENCE_LAPS = 60
DAMP, FLOODED = 0.18, 0.78  # wetness from which intermediates and wets are the faster tyres


def slopes(abrasion: float, laps: int, wear: np.ndarray) -> np.ndarray:
    """Return the true slope, percent of a lap per lap of age, cars x compounds."""
    return np.asarray(wear[:, None] * abrasion * SLOPE * REFERENCE_LAPS / laps)


def lives(abrasion: float, laps: int, wear: np.ndarray) -> np.ndarray:
    """Return the laps after which a set falls off, cars x compounds."""
    return np.asarray(laps * LIFE / (wear[:, None] * abrasion) ** 0.5)


def water(wetness: np.ndarray) -> np.ndarray:
    """Return what water costs on each kind of tyre, draws x kinds; on a dry track rain tyres overheat.

    Slicks lose most, and intermediates give way to wets on a flooded track. `DAMP` and `FLOODED` are where the lines cross.
    """
    dry = 28 * wetness
    intermediate = 3.42 + 9 * wetness + 30 * np.maximum(wetness - 0.72, 0)
    wet = 6.0 + 8.05 * wetness
    return np.stack([dry, intermediate, wet], axis=1)


def best_kind(wetness: np.ndarray) -> np.ndarray:
    """Return the kind of tyre that is fastest at each wetness."""
    return (wetness > DAMP).astype(int) + (wetness > FLOODED)


def compound_for(left: np.ndarray, life: np.ndarray, taste: np.ndarray) -> np.ndarray:
    """Return the softest dry compound that lasts.

    Args:
        left: laps to go on it, any shape.
        life: laps that each compound lasts, that shape x compounds.
        taste: factor on the lives: how much a team dares.
    """
    lasts = left[..., None] <= life[..., :3] * taste[..., None]
    return np.asarray(np.where(lasts.any(axis=-1), lasts.argmax(axis=-1), 2))
