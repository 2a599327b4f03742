"""Ours: the mean of a few members that err differently, learned anew for every tick."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from pitwall.ml.relbench.features.tick import Array
from pitwall.ml.relbench.learning.members import FineLine, Line, Member, Trees
from pitwall.ml.relbench.learning.samples import Sample

MEMORY = 3000.0  # days after which a sample weighs 1/e


class Blend:
    """Members that answer together."""

    def __init__(self, sample: Sample, *, yes_or_no: bool) -> None:
        x, y, weight = sample.features, sample.label, np.exp(-sample.age / MEMORY)
        self._yes_or_no = yes_or_no
        self.members: list[Member] = [
            Line(x, y, weight, yes_or_no=yes_or_no),
            Trees(x, y, weight, yes_or_no=yes_or_no),
        ]
        if yes_or_no:
            self.members.append(FineLine(x, sample.fine, y, weight))

    def predict(self, features: Array) -> Array:
        """Return a number per row, a probability for yes or no."""
        said = np.mean([member.says(features) for member in self.members], axis=0)
        return np.asarray(expit(said) if self._yes_or_no else said, dtype=np.float64)
