"""How many more laps does a set of tyres last? Asked at the end of the first lap on it, answered by the lap at whose end it comes off.

A label is a number of laps, negative where the end was not seen: the set was on for so many more, and then the flag fell, the car retired
or the race was stopped (see `pitwall.domain.racing.tyre_sets`). Null where not one further lap showed whether the car would come in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.domain.keys import LAP
from pitwall.domain.racing.tyre_sets import laps_to_come
from pitwall.domain.when import Stage
from pitwall.features.machinery.shared.green import stopped_laps
from pitwall.ml.families.survival import median
from pitwall.ml.templates._template import Template

if TYPE_CHECKING:
    from pitwall.domain.tables import Tables


READS = ("laps", "track_status", "session_status")


def _learned(tables: Tables) -> pd.DataFrame:
    """Return how long each set was watched, whether it came off, and how long it could have been watched, by row."""
    newest = tables.only(*READS).as_of()
    laps = newest["laps"].sort_values(list(LAP), ignore_index=True)
    return laps_to_come(laps, pd.Series(stopped_laps(laps, newest), index=laps.index))


def _label(tables: Tables) -> pd.Series:
    found = _learned(tables)
    return pd.Series(np.where(found["ended"], 1.0, -1.0) * found["laps"], index=found.index, name="label")


BEATEN = "laps_left_hazard"
TEMPLATE = Template(
    name="stint_length",
    model="stint_length",
    question="How many more laps does this set of tyres last?",
    title="laps to come",
    unit="laps",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=_label,
    learned=_learned,
    answer=median,
    loss="log_loss",
    metrics=("log_loss", "concordance", "median_error", "coverage_80", "coverage_95"),
    baselines=(BEATEN, "kaplan_meier", "compound_hazard", "circuit_hazard"),
    baseline={Stage.IN_RACE.value: BEATEN},
)
