"""A recurrent net as a learner: what is known of a car now begins a state, its last laps change it one by one, oldest first.

The cell is a gated recurrent unit (Cho et al. 2014). A row carries its laps as columns, so rows that are asked alone are answered
like those of a whole race; a lap that is not known leaves the state as it is. Without such columns it is the net of two layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.net import Body, Net, TwoLayers, as_frame, columns_of
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.trees import TreeRows

LAPS, STINT = "laps", "stint"
BLOCKS = 3  # what is told of each lap: its column, whether it is of the stint, whether it is known


@dataclass(frozen=True)
class Recurrent(TwoLayers):
    """Two layers of tanh with the laps between them.

    Attributes:
        laps: the columns of the laps by their places among the features, oldest first.
        stint: the place of the column that counts the laps of the stint, from which a lap is known to be of it; none if empty.
    """

    laps: Standardised
    stint: str = ""

    def inputs(self, columns: Standardised, values: Array) -> Array:
        """Return the standardised columns, then per lap its value, whether it is of this stint, whether it is known."""
        count = len(self.laps.features)
        laps = columns_of(values, self.laps.features)
        told, known = self.laps.of_values(laps)[:, :count], ~np.isnan(laps)
        counted = values[:, [int(self.stint)]] if self.stint else np.zeros((len(values), 1))
        of_stint = counted >= np.arange(count, 0, -1)
        return np.hstack([super().inputs(columns, values), told, of_stint, known])

    def shapes(self, width: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return those of both layers and of the cell: its two gates stand in one matrix."""
        told = BLOCKS - 1
        return {
            **super().shapes(width - BLOCKS * len(self.laps.features), hidden),
            "gates_lap": (2 * hidden, told),
            "gates_state": (2 * hidden, hidden),
            "gates_bias": (2 * hidden,),
            "lap": (hidden, told),
            "state": (hidden, hidden),
            "state_bias": (hidden,),
        }

    def last(self, inputs: Any, weights: Mapping[str, Any], tanh: Callable[[Any], Any]) -> Any:
        """Return the second layer, on the state after the newest lap."""
        count, hidden = len(self.laps.features), len(weights["state_bias"])
        width = inputs.shape[1] - BLOCKS * count
        state = tanh(inputs[:, :width] @ weights["in"].T + weights["in_bias"])
        for place in range(width, width + count):
            lap, known = inputs[:, place : place + 2 * count : count], inputs[:, [place + 2 * count]]
            gates = lap @ weights["gates_lap"].T + state @ weights["gates_state"].T + weights["gates_bias"]
            gates = (1.0 + tanh(gates / 2.0)) / 2.0  # the logistic function
            keep, look = gates[:, :hidden], gates[:, hidden:]
            new = tanh(lap @ weights["lap"].T + (look * state) @ weights["state"].T + weights["state_bias"])
            state = state + known * (1.0 - keep) * (new - state)
        return tanh(state @ weights["between"].T + weights["between_bias"])

    def content(self) -> dict[str, Any]:
        """Return how laps become inputs."""
        return {LAPS: self.laps.content(), STINT: self.stint}


@dataclass(frozen=True)
class SequenceNet(Net):
    """The learner.

    Attributes:
        laps: the features that are one car's last laps, oldest first.
        stint: the feature that says how many of them are of this stint.
    """

    laps: tuple[str, ...] = ()
    stint: str = ""

    def body(self, rows: TreeRows) -> Body:
        """Return the recurrent body where the rows have the laps, else two layers."""
        names = list(rows.names)
        if not set(self.laps) <= set(names):
            return TwoLayers()
        places = [str(names.index(name)) for name in self.laps]
        laps = Standardised.learn(as_frame(rows.values), places)
        return Recurrent(laps, str(names.index(self.stint)) if self.stint in names else "")

    def read_body(self, told: Mapping[str, Any]) -> Body:
        """Return it as a file says."""
        return Recurrent(Standardised.of(told[LAPS]), told[STINT]) if LAPS in told else TwoLayers()
