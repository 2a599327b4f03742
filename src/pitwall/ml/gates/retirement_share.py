"""Do as many cars retire as before? A history that lost its retired cars makes a model of survivors that looks excellent.

Of each season from the first judged one on, the starters of the frame that retired are counted and compared with the five seasons
before: the number must lie in the 99.9 % range of a binomial count whose share was estimated from those seasons (beta-binomial:
over five full seasons that is the binomial range, a tenth wider; with less before it is wider, never certain). A season outside
of it passes only if the seasons since bear it out: cars do become more reliable (2019, for one), and lost lines come back as little
as they left. A season without any retirement in a hundred starts is no motor racing and is refused without a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pitwall.domain.refs import Verdict
from pitwall.ml.data.starters import at, starters
from pitwall.ml.evaluation.bootstrap import POWER_Z
from pitwall.ml.gates._gate import Candidate, Gate

NAME = "retirement_share"
SEASONS = 5  # before a season, and since
TAIL = 0.0005  # on each side: 99.9 % together
ENOUGH = 100  # starts, of which at least one car retires
UNIT = "share"


@dataclass(frozen=True)
class Counts:
    """How many started, and how many of them retired."""

    retired: int
    starts: int

    @property
    def share(self) -> float:
        """The share of the starters that retired."""
        return self.retired / self.starts

    def expects(self, starts: int) -> tuple[int, int]:
        """Return the range of retirements among other starts of the same share."""
        from scipy.stats import betabinom

        low, high = betabinom(starts, self.retired + 0.5, self.starts - self.retired + 0.5).ppf([TAIL, 1 - TAIL])
        return int(low), int(high)

    def detects(self, starts: int) -> float:
        """Return the smallest change of the share that is seen four times out of five among other starts."""
        low, high = self.expects(starts)
        usual = (self.retired + 0.5) / (self.starts + 1)
        return float(
            (high - low) / (2 * starts) + POWER_Z * np.sqrt(usual * (1 - usual) * (1 / starts + 1 / self.starts))
        )


@dataclass(frozen=True)
class Season:
    """The retirements of a season, of the seasons before, and of those since (None: it is the newest)."""

    season: int
    counts: Counts
    before: Counts
    since: Counts | None

    @property
    def limit(self) -> float:
        """The end of the range of the seasons before that the share is nearer to."""
        ends = self.before.expects(self.counts.starts)
        return ends[self.counts.share > self.before.share] / self.counts.starts

    @property
    def outside(self) -> float:
        """How far the share lies outside of the range of the seasons before; negative inside."""
        return _outside(self.counts, self.before)

    @property
    def passes(self) -> bool:
        """Whether the seasons before allow for it, or else those since bear it out."""
        if not self.counts.retired and self.counts.starts >= ENOUGH:
            return False
        return self.outside <= 0 or (self.since is not None and _outside(self.counts, self.since) <= 0)

    def __str__(self) -> str:
        """Return the season in words."""
        low, high = (end / self.counts.starts for end in self.before.expects(self.counts.starts))
        borne_out = ", borne out by the seasons since" if self.passes and self.outside > 0 else ""
        return f"{self.season} {self.counts.share:.1%} ({low:.1%} to {high:.1%}{borne_out})"


def _outside(counts: Counts, others: Counts) -> float:
    low, high = others.expects(counts.starts)
    return max(low - counts.retired, counts.retired - high) / counts.starts


def _check(candidate: Candidate) -> list[Verdict]:
    judged = list(seasons(_by_season(candidate), int(candidate.own["season"].min())))
    if not judged:
        return [Verdict(NAME, True, None, None, UNIT, "no season before a judged one, so there was nothing to compare")]
    worst = max(judged, key=lambda each: (not each.passes, each.outside))
    reason = (
        f"share of starters that retired, and the range of the {SEASONS} seasons before: {', '.join(map(str, judged))}"
    )
    if not worst.passes:
        counts = worst.counts
        kind = "too few" if counts.share < worst.before.share or not counts.retired else "too many"
        what = f"{kind} retirements in {worst.season}, {counts.retired} of {counts.starts} starts"
        reason = f"{what}; look for lines that its results lack, and ingest them; {reason}"
    seen = worst.before.detects(worst.counts.starts)
    return [Verdict(NAME, worst.passes, worst.counts.share, worst.limit, UNIT, reason, seen)]


def _retired(candidate: Candidate) -> pd.Series:
    """Return whether the car of each row of the frame retired, null where it has no result."""
    return pd.Series(at(starters(candidate.tables)["retired"], candidate.frame, candidate.definition.kind.key))


def _by_season(candidate: Candidate) -> pd.DataFrame:
    """Return `retired` and `starts` of the frame by season."""
    retired = _retired(candidate).dropna().astype(int)
    counted = retired.groupby(candidate.frame["season"]).agg(["sum", "size"])
    return counted.set_axis(["retired", "starts"], axis=1)


def seasons(counts: pd.DataFrame, first: int) -> Iterator[Season]:
    """Give the seasons from `first` on that have one before them.

    Args:
        counts: `retired` and `starts` by season.
        first: the first season to judge.
    """
    for season in counts.index[counts.index >= first]:
        before = _pooled(counts[(counts.index < season) & (counts.index >= season - SEASONS)])
        since = _pooled(counts[(counts.index > season) & (counts.index <= season + SEASONS)])
        if before is not None:
            retired, starts = counts.loc[season, ["retired", "starts"]].astype(int)
            yield Season(int(season), Counts(retired, starts), before, since)


def _pooled(counts: pd.DataFrame) -> Counts | None:
    return Counts(int(counts["retired"].sum()), int(counts["starts"].sum())) if len(counts) else None


def _survivors(good: Candidate) -> Candidate:
    """Lose the lines of the cars that retired in the newest season, as an export may."""
    newest = good.frame["season"] == good.frame["season"].max()
    out = _retired(good).fillna(value=False).astype(bool)
    return replace(good, frame=good.frame[~(newest & out)].reset_index(drop=True))


GATE = Gate(
    NAME,
    "As many cars retire as in the five seasons before: no history of survivors",
    _check,
    _survivors,
    rows=("race_driver",),
)
