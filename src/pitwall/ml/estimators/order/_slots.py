"""Frequencies of finishing places by slot (a starting slot, a rank): the machinery of baselines that know one number.

Counts are smoothed over neighbouring slots and places, because three hundred races leave most of a 22 x 22 table to
luck; then each race's rows are renormalised until places and cars fit (Sinkhorn).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.order._order import Positions, SaysPlaces
from pitwall.ml.families.order.plackett_luce import doubly_stochastic, ranks
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

Slots = Callable[[pd.DataFrame, RaceBlocks], np.ndarray]
BANDWIDTH = 0.12  # of the logarithm of the slot: the front keeps its detail, the back shares
PRIOR = 0.5  # pseudo-races spread evenly over the places
LARGEST = 40
NEWCOMER = -0.4  # the priors of the ratings: a little below the average


@dataclass(frozen=True)
class SlotTable(SaysPlaces):
    """P(place | slot) for slots and places from 1; `slots` says which slot each row of a frame has (0 is unknown)."""

    slots: Slots
    table: np.ndarray
    params: Params
    validation_loss: float | None = None

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row; a car without a slot may finish anywhere."""
        fields = race_blocks(frame["race_id"].to_numpy())
        slot = np.minimum(self.slots(frame, fields), len(self.table))
        known = self.table[np.maximum(slot, 1) - 1][:, : fields.width]
        rows = np.where(slot[:, None] > 0, known, 1.0)
        return fields.flat(doubly_stochastic(rows[fields.rows], fields.mask))

    def save(self, folder: Path) -> None:
        """Write `slots.json`."""
        content = {"table": self.table.tolist(), "params": self.params}
        (folder / "slots.json").write_text(json.dumps(content, sort_keys=True) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class SlotBaseline:
    """A baseline that forecasts place frequencies by slot; `models` whose questions it answers, None for all of the family."""

    name: str
    needs: tuple[str, ...] | None
    slots: Slots
    role: Role = "baseline"
    models: tuple[str, ...] | None = None

    def default(self) -> Params:
        """Return the smoothing, which is part of the rule and not searched."""
        return {"bandwidth": BANDWIDTH, "prior": PRIOR}

    def space(self, trial: Trial) -> Params:
        """Return the default: a baseline has nothing to tune."""
        return self.default()

    def fit(self, data: FitInput) -> SlotTable:
        """Count places by slot in the labelled races; all other input is not needed."""
        frame, params = data.frame, data.params
        slot = self.slots(frame, race_blocks(frame["race_id"].to_numpy()))
        known = (slot > 0) & (slot <= LARGEST)
        counts = np.zeros((LARGEST, LARGEST))
        place = np.minimum(data.outcome["place"].to_numpy(dtype=np.int64), LARGEST)
        np.add.at(counts, (slot[known] - 1, place[known] - 1), 1.0)
        kernel = _kernel(params["bandwidth"])
        smooth = kernel @ counts @ kernel.T + params["prior"] / LARGEST
        return SlotTable(self.slots, smooth / smooth.sum(axis=1, keepdims=True), params)

    def load(self, folder: Path) -> SlotTable:
        """Read what `save` wrote."""
        content = json.loads((folder / "slots.json").read_text(encoding="utf-8"))
        return SlotTable(self.slots, np.array(content["table"]), content["params"])


def rank_slots(column: str, low_is_good: bool = True) -> Slots:
    """Return slots by the rank of a column within the race; 0 where it is null."""

    def slots(frame: pd.DataFrame, fields: RaceBlocks) -> np.ndarray:
        values = frame[column].to_numpy(dtype=np.float64) * (1.0 if low_is_good else -1.0)
        return np.where(np.isnan(values), 0, ranks(np.where(np.isnan(values), np.inf, values), fields))

    return slots


def rated_slots(driver: str, team: str) -> Slots:
    """Return ranks of two ratings' sum, a newcomer a little below the average; 0 where nothing of either is known."""

    def slots(frame: pd.DataFrame, fields: RaceBlocks) -> np.ndarray:
        ratings = [frame[name].astype("float64") for name in (driver, team)]
        strength = ratings[0].fillna(NEWCOMER) + ratings[1].fillna(NEWCOMER)
        unknown = (ratings[0].isna() & ratings[1].isna()).to_numpy()
        return np.where(unknown, 0, ranks(np.where(unknown, np.inf, -strength.to_numpy()), fields))

    return slots


def _kernel(bandwidth: float) -> np.ndarray:
    position = np.log(np.arange(1, LARGEST + 1))
    weight = np.exp(-0.5 * ((position[:, None] - position[None, :]) / bandwidth) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
