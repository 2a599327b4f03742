"""What counts as a retirement, and what stopped the car: an accident, or a breakdown of the car.

A car that started and then stopped for good retired. A car that was lapped, that was still running at the end but too far
behind to be classified, or that was disqualified did not; one that never started (withdrawn, not qualified, did not take the
start) took no part, so there is nothing to say of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MEANING = (
    "started and stopped for good before it was classified; lapped, not classified at the flag or disqualified is not"
)
# Words of the Ergast data for what comes from driving: contact, a spin, and the damage that they leave.
ACCIDENTS = frozenset(
    {
        *("Accident", "Collision", "Collision damage", "Spun off", "Fatal accident", "Damage", "Debris", "Puncture"),
        *("Broken wing", "Front wing", "Rear wing"),
    }
)
CAUSES = ("accident", "breakdown")


def retirements(results: pd.DataFrame) -> pd.Series:
    """Return whether each car that started retired, by (race_id, driver_id); cars that did not start are absent.

    Args:
        results: the canonical table `results`, one version per line.
    """
    started = results[results["started"]].sort_values(["race_id", "driver_id"])
    return started.set_index(["race_id", "driver_id"])["retired"].astype(bool)


def by_cause(results: pd.DataFrame) -> pd.DataFrame:
    """Return 1.0 or 0.0 per line of results: `retired`, and of what, `accident` or `breakdown`.

    A retirement of which the source tells no cause ("Retired") counts as a breakdown, as most are.
    """
    retired = results["retired"].astype("float64")
    accident = retired.where(results["status"].isin(ACCIDENTS), 0.0)
    return results[[]].assign(retired=retired, accident=accident, breakdown=retired - accident)
