"""Scores of chances that are told again and again within a race: every instant of a race counts alike, every race counts once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.ml.families._family import Metric, by_name
from pitwall.ml.families.shared.events import BRIER, ECE, FLOOR
from pitwall.ml.families.shared.ranking import PR_AUC
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks


def _log_loss(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return -ln of the chance of what came true, the mean over a race's rows for which it did, in nats."""
    true = rows["label"].to_numpy(dtype=bool)
    lost = -np.log(np.clip(rows["probability"].to_numpy(dtype=np.float64), FLOOR, 1.0))
    count = np.bincount(blocks.race, true, minlength=blocks.count)
    if (count == 0).any():
        raise StageError("the event came true for no car of a race; score only races that were run.")
    return np.asarray(np.bincount(blocks.race, np.where(true, lost, 0.0), minlength=blocks.count) / count)


METRICS = by_name(Metric("log_loss", "nats", per_block=_log_loss), BRIER, PR_AUC, ECE)
