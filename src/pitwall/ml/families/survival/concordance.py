"""Harrell's concordance: of two durations of which it is known which one is shorter, how often it was said to be.

It is known where the shorter one was seen to end, and the other one was watched at least as long (Harrell et al. 1982). What is said is
the mean of each curve over the steps. A score of pairs within and between races, of any sample of races.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.families._family import Metric
from pitwall.ml.families.survival.seen import Seen
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks


def _pairs(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return races x (3 races): pairs in the right order whose shorter one is of this race, by the race of the other (ties count
    half); all such pairs; and which race this is."""
    seen = Seen.of(rows)
    said, races = seen.curve.sum(axis=1), blocks.count
    right, known = np.zeros((races, races)), np.zeros((races, races))
    for race in range(races):
        own = np.flatnonzero((blocks.race == race) & seen.ended)
        longer = seen.steps > seen.steps[own, None]
        longer |= (seen.steps == seen.steps[own, None]) & ~seen.ended
        order = (said > said[own, None]) + 0.5 * (said == said[own, None])
        right[race] = np.bincount(blocks.race, (longer * order).sum(axis=0), minlength=races)
        known[race] = np.bincount(blocks.race, longer.sum(axis=0), minlength=races)
    return np.column_stack([right, known, np.eye(races)])


def _concordance(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return the share of known pairs in the right order; .5 where none is known."""
    right, known, drawn = np.split(sums, 3, axis=1)
    pairs = (known * drawn).sum(axis=1)
    return np.asarray(np.divide((right * drawn).sum(axis=1), pairs, out=np.full(len(sums), 0.5), where=pairs > 0))


CONCORDANCE = Metric("concordance", "share", higher_is_better=True, sums=_pairs, statistic=_concordance)
