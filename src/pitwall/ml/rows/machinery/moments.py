"""Mean and spread within each race, without groups of a table: those take most of the time that an answer about one race has.

They are summed car by car as pandas sums its groups, the mean with Kahan's compensation and the spread by Welford's recurrence: a
sum in another order would be another bit, and a stored model would answer otherwise than when it was judged.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

Array = npt.NDArray[np.float64]


def moments(values: Array, fields: RaceBlocks) -> tuple[Array, Array]:
    """Return mean and standard deviation of a race's known values per row and column; null where it has none.

    Args:
        values: rows x columns; NaN where not known.
        fields: where rows sit.
    """
    total, lost, mean, squares, count = (np.zeros((fields.count, values.shape[1])) for _ in range(5))
    for slot in range(fields.width):
        value = values[fields.rows[:, slot]]
        known = fields.mask[:, slot, None] & ~np.isnan(value)
        count += known
        added = value - lost
        grown = total + added
        np.copyto(lost, grown - total - added, where=known)
        np.copyto(total, grown, where=known)
        away = value - mean
        moved = mean + away / np.maximum(count, 1.0)
        np.copyto(squares, squares + (value - moved) * away, where=known)
        np.copyto(mean, moved, where=known)
    count[count == 0] = np.nan
    return (total / count)[fields.race], np.sqrt(squares / count)[fields.race]
