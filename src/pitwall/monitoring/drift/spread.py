"""PSI and KS: how far the values of cars in the present are from those of the reference. They are shown; no alarm hangs on them.

The bins are those of a profile (`pitwall features profile`): twenty of the same width between the 1 % and the 99 % quantile, merged
until each holds a twentieth of the reference; no value is a bin of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp

Floats = npt.NDArray[np.float64]
LEAST_SHARE = 0.05  # of the reference in a bin
HALF = 0.5  # a car, added to every bin: an empty one says little


def psi(profile: Mapping[str, Any], values: Floats) -> float:
    """Return the population stability index of values against a profile; NaN without values.

    Args:
        profile: with `edges`, `bins`, `count` and `nulls` of the reference.
        values: of the present, NaN where nothing was known.
    """
    if not len(values) or not profile["edges"]:
        return float("nan")
    edges, expected = _merged(np.array(profile["edges"]), np.array(profile["bins"], dtype=np.float64))
    known = values[~np.isnan(values)]
    found = np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0].astype(np.float64)
    before, now = (
        _shares(np.append(counts, nulls))
        for counts, nulls in ((expected, profile["nulls"]), (found, len(values) - len(known)))
    )
    return float(((now - before) * np.log(now / before)).sum())


def ks(reference: Floats, values: Floats) -> tuple[float, float]:
    """Return the two-sample Kolmogorov-Smirnov distance and its p-value, which takes cars of one race for independent and is too small; NaN without values."""
    before, now = reference[~np.isnan(reference)], values[~np.isnan(values)]
    if not len(before) or not len(now):
        return float("nan"), float("nan")
    found = ks_2samp(before, now, method="asymp")
    return float(found.statistic), float(found.pvalue)


def _merged(edges: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return bins of which each holds enough, from the left; the last ones go together."""
    least, kept, held = LEAST_SHARE * counts.sum(), [float(edges[0])], list[float]()
    waiting = 0.0
    for edge, count in zip(edges[1:], counts, strict=True):
        waiting += float(count)
        if waiting >= least:
            kept, held, waiting = [*kept, float(edge)], [*held, waiting], 0.0
    if waiting and held:
        held[-1] += waiting
    return np.array([*kept[:-1], float(edges[-1])] if held else [edges[0], edges[-1]]), np.array(held or [waiting])


def _shares(counts: Floats) -> Floats:
    return np.asarray((counts + HALF) / (counts + HALF).sum())
