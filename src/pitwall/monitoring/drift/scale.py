"""How the race means of one feature vary by themselves: from race to race, with a memory within the season, and from winter to winter.

A race's mean is a level, a slope over the season and one over the number of cars, what the winter did to it, what is remembered from the
races before it, and the race's own chance; all normal. The shape of that is chosen by the likelihood of the reference; of all variances of
winters that the reference does not rule out the largest counts, as few winters say little about winters. A new race is then held
against what the reference and the races of its own season before it let expect (`innovations`), and so is what another level would do to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.stats import chi2

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
WINTERS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)  # variance of a winter's step; races' own is 1
MEMORIES = ((0.0, 0.0), (1.0, 0.4), (0.5, 0.8), (1.0, 0.7), (0.5, 0.95), (0.8, 0.9), (1.0, 0.9), (1.0, 0.97))
UNKNOWN = 1e6  # variance of what is not known beforehand
NOT_RULED_OUT = 2.0  # of log likelihood: about the 95 % interval of one number
UPPER = 0.9  # limit at which the reference's scale is taken
TAIL = 2.0  # sds that the reference's own furthest race lies away at most
LEAST = 1e-9  # of a race's own variance


@dataclass(frozen=True)
class Races:
    """Where races stand, in their order.

    Attributes:
        season: of each race.
        number: of each race within its season, from 1.
        era: of each race: another one, and with it another level, after every declared change of rules.
        cars: that took part in each.
    """

    season: Ints
    number: Ints
    era: Ints
    cars: Ints

    def __getitem__(self, chosen: Flags | Ints) -> Races:
        """Return some of the races, by flags or in another order."""
        return Races(self.season[chosen], self.number[chosen], self.era[chosen], self.cars[chosen])

    @property
    def key(self) -> bytes:
        """All of it, as what is computed once is kept by."""
        return np.stack([self.season, self.number, self.era, self.cars]).astype(np.int64).tobytes()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.season)


@dataclass(frozen=True)
class Scale:
    """How race means hang together, and their scale.

    Attributes:
        winter: variance of a winter's step.
        share: of a race's own variance that is remembered.
        kept: of that, from race to race.
        sd: a race's own, in the feature's unit.
    """

    winter: float
    share: float
    kept: float
    sd: float = 1.0

    def widened(self, by: float) -> Scale:
        """Return it with a larger sd."""
        return replace(self, sd=self.sd * by)

    def root(self, races: Races) -> Floats:
        """Return the lower root of the covariance of race means, in a race's own variance."""
        same = races.season[:, None] == races.season[None, :]
        apart = np.abs(races.number[:, None] - races.number[None, :])
        chance = self.share * self.kept**apart if self.share else np.zeros_like(apart, dtype=np.float64)
        own = (1.0 - self.share + LEAST) * np.eye(len(races))
        slopes = [(of - of.mean()) / 10.0 for of in (races.number, races.cars)]
        unknown = (races.era[:, None] == races.era[None, :]) + sum(np.outer(slope, slope) for slope in slopes)
        return np.asarray(np.linalg.cholesky(np.where(same, self.winter + chance, 0.0) + own + UNKNOWN * unknown))


def fitted(means: Floats, races: Races) -> Scale:
    """Return the scale of a reference.

    Args:
        means: of its races, all known.
        races: where they stand.
    """
    rest = means - means.mean()
    found = {shape: _likelihood(shape, rest, races) for shape in (Scale(w, *m) for w, m in product(WINTERS, MEMORIES))}
    best = max(found, key=lambda shape: found[shape])
    likely = [
        shape
        for shape, value in found.items()
        if value >= found[best] - NOT_RULED_OUT and (shape.share, shape.kept) == (best.share, best.kept)
    ]
    shape = max(likely, key=lambda each: each.winter)
    own = _white(shape, rest, races)
    sd = np.sqrt((own**2).sum() / chi2.ppf(1.0 - UPPER, _freedom(races)))
    return replace(shape, sd=float(max(sd, np.abs(own).max() / TAIL)))


def innovations(scale: Scale, means: Floats, races: Races, new: Flags) -> tuple[Floats, Floats]:
    """Return by how many sds each new race differs from what was to be expected, and what another level would add to that.

    Args:
        scale: of the reference.
        means: of the reference's races and of the new ones, in order, all known.
        races: where they stand.
        new: which of them are new.

    Returns:
        Innovations of the new races, and responses: new races x races from which on the level is higher by one unit of the feature.
    """
    steps = np.tril(np.ones((len(races), len(races))))[:, new]
    made = _white(scale, np.column_stack([means - means[~new].mean(), steps]), races)[new] / scale.sd
    return made[:, 0], made[:, 1:]


def _white(scale: Scale, values: Floats, races: Races) -> Floats:
    return np.asarray(_whitening(replace(scale, sd=1.0), races.key) @ values)


def _likelihood(shape: Scale, rest: Floats, races: Races) -> float:
    """Return the log likelihood of a shape with its best sd."""
    whitening = _whitening(shape, races.key)
    own = whitening @ rest
    return float(np.log(np.diag(whitening)).sum() - 0.5 * _freedom(races) * np.log(max((own**2).sum(), 1e-300)))


@lru_cache(maxsize=512)
def _whitening(shape: Scale, key: bytes) -> Floats:
    """Return what makes race means independent, each from those before it; one for all features of the same races."""
    races = Races(*np.frombuffer(key, dtype=np.int64).reshape(4, -1))
    return np.asarray(solve_triangular(shape.root(races), np.eye(len(races)), lower=True))


def _freedom(races: Races) -> int:
    slopes = 1 + int(len(np.unique(races.cars)) > 1)
    return max(len(races) - len(np.unique(races.era)) - slopes, 1)
