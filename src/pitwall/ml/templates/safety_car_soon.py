"""Does a safety car come out within five laps? Asked at every lap of the leader, while none is out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.keys import RACE_LAP
from pitwall.domain.racing.safety_cars import FEED_CODE
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.ml.families.binary import P
from pitwall.ml.templates._template import InColumn, Template

LAPS = 5
READS = ("laps", "track_status", "results")


def _label(tables: Tables) -> pd.Series:
    """Return whether one comes out before the leader has ended five more laps, or the race, by (race_id, lap).

    Null while one is out; so is every lap of a race that is not over, and of one whose feed told no status of the track.
    """
    newest = tables.only(*READS).as_of()
    laps = completed_laps(newest)
    led = laps.groupby(list(RACE_LAP), as_index=False)["end_seconds"].min()
    led = led[
        led["race_id"].isin(newest["results"]["race_id"]) & led["race_id"].isin(newest["track_status"]["race_id"])
    ]
    status = newest["track_status"].sort_values(["race_id", "seconds", "message"])
    logs = dict(iter(status.groupby("race_id")))
    parts = [_of_race(own, logs[race]) for race, own in led.groupby("race_id")]
    found = pd.concat(parts) if parts else led.assign(label=pd.Series(dtype="boolean"))
    return found.set_index(list(RACE_LAP))["label"]


def _of_race(led: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """Return the label of each lap of one race, by the clock of the leader's laps and of the messages."""
    clock, out = log["seconds"].to_numpy(), (log["status"] == FEED_CODE).to_numpy()
    now = led["end_seconds"].to_numpy()
    until = np.append(now, np.full(LAPS, now[-1]))[LAPS:]
    comes = np.append(0, np.cumsum(out))
    first, last = (np.searchsorted(clock, when, side="right") for when in (now, until))
    is_out = np.append(False, out)[first]
    label = pd.array(comes[last] > comes[first], dtype="boolean")
    label[is_out] = pd.NA
    return led.assign(label=label)


# In 2020 and 2021 the rate of all laps lost less than those of circuits, of which each has a race a year.
BEATEN = "overall_rate"
TEMPLATE = Template(
    name="safety_car_soon",
    model="safety_car_soon",
    question="Does a safety car come out within five laps?",
    title="P(safety car soon)",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=_label,
    answer=InColumn(P),
    loss="brier",
    metrics=("brier", "log_loss", "auc", "pr_auc", "brier_skill"),
    baselines=(BEATEN, "circuit_rate"),
    baseline={Stage.IN_RACE.value: BEATEN},
)
