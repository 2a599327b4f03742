"""Time reversal: before a race, a feature knows as little of that race's luck as of the next one's.

A race's luck is the place that the grid, qualifying and the rest of the season (seen in hindsight) do not explain. A
feature that is correct in time may know a little of it, where form drifts, but then it knows about as much of the race
after. The statistic is, per race, the rank correlation with the luck of the own race less that with the luck of the next;
under the null, that the feature knows neither, its mean is 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import Finding
from pitwall.ml.audit._labels import correlations
from pitwall.ml.audit._references import Array, Mean, centred, mean_of
from pitwall.ml.audit._subject import Audited

NAME = "time_reversal"
CONFIDENCE = 0.9999
WARNED, FOUND = 0.1, 0.4  # of a rank correlation; the interval's lower end must be above it
FEWEST_RACES = 8


def _run(audited: Audited) -> list[Finding]:
    cars = audited.subject.cars
    explained = audited.subject.references
    luck = _unexplained(centred(cars["race_id"], cars["place"]), explained)
    coming = pd.Series(luck).groupby([cars["season"], cars["driver_id"]]).shift(-1).to_numpy()
    found = []
    for name in audited.group.names:
        value = audited.known[name]
        own = _unexplained(centred(cars["race_id"], value), explained)
        told = reversal(np.where(value.isna(), np.nan, own), luck, coming, cars["race_id"].to_numpy())
        if told.races >= FEWEST_RACES and told.low > WARNED:
            found.append(_finding(audited.group.name, name, told, int(value.notna().sum())))
    return found


def reversal(value: Array, luck: Array, coming: Array, race: npt.NDArray[np.int64]) -> Mean:
    """Return how much better a value knows the luck of its race than that of the next, with its interval.

    Args:
        value: per car, NaN where unknown; its sign means nothing.
        luck: of the car in this race.
        coming: in the next one; NaN for a car without one, which is left out.
        race: the race of each car.
    """
    both = ~(np.isnan(value) | np.isnan(coming))
    here = correlations(value[both], luck[both], race[both])[0]
    there = correlations(value[both], coming[both], race[both])[0]
    if len(here) != len(there):
        return Mean(0.0, -np.inf, np.inf, 0)
    sign = np.sign(here.sum()) or 1.0
    return mean_of(sign * (here - there), CONFIDENCE)


def _unexplained(values: pd.Series, explained: pd.DataFrame) -> Array:
    """Return what a least-squares fit on the references leaves."""
    given = explained.to_numpy()
    fit, *_ = np.linalg.lstsq(given, values.to_numpy(), rcond=None)
    return np.asarray(np.round(values.to_numpy() - given @ fit, 9))  # what is explained leaves dust, and dust has ranks


def _finding(group: str, name: str, told: Mean, rows: int) -> Finding:
    reason = "know the luck of their own race much better than that of the next one, though neither was run"
    numbers = {"difference": round(told.value, 3), "low": round(told.low, 3), "races": told.races}
    return Finding(NAME, "finding" if told.low > FOUND else "warning", group, name, rows, numbers, reason)


CHECK = Check(
    NAME,
    "It knows the luck of its own race no better than that of the next",
    "strong leaks of the own race's place from wherever they come, also from outside the tables",
    "weak leaks, leaks of other races or of anything but the place; what is known of the weekend beyond grid and "
    "qualifying may rightly know a little, so small differences are left alone",
    _run,
)
