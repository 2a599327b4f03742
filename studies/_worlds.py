"""Synthetic worlds for the studies: their true chances, and the frame that a model would learn from.

The chances are kept where `pitwall data truth` keeps them, so that the studies share them and a second run counts nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.params import Params, TimeParams
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables
from pitwall.ml.backtest.regret import said_by_truth
from pitwall.ml.evaluation.synthetic_truth import Truth, true_places, world_hash
from pitwall.ml.gates._candidates import read_groups
from pitwall.ml.models import model
from pitwall.ml.rows import row_kind
from pitwall.ml.rows.machinery.race_blocks import race_blocks
from pitwall.ml.search.workers import spread
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import take_snapshot
from pitwall.sources.synthetic import SOURCE, SyntheticSettings
from pitwall.testing.worlds.frames import joined

STAGE = "pre_race"
PROJECT = Project(Path(__file__).resolve().parents[1])


def world(seed: int, **size: int) -> SyntheticSettings:
    """Return the settings of a world without files of laps: races are run lap by lap, but only results are published."""
    return SyntheticSettings(seed=seed, laps_seasons=0, **size)


def truth_of_world(settings: SyntheticSettings, draws: int) -> Truth:
    """Return where the truth of a world lies."""
    return Truth(settings, PROJECT.truth / SOURCE.name / world_hash(settings), draws)


def true_chances(worlds: Iterable[SyntheticSettings], draws: int) -> tuple[np.ndarray, float]:
    """Return the chances of winning of all races of some worlds (races x cars, zero where there is no car), and their error.

    No chance of a car is zero: half a draw is added to every place.
    """
    parts = spread(partial(_places, draws=draws), list(worlds))
    blocks = [said_by_truth(places)["place_1"].to_numpy() for places in parts]
    race = np.concatenate([places["race_id"].to_numpy() + number * 10**7 for number, places in enumerate(parts)])
    error = max(float(places["win_error"].max()) for places in parts)
    return race_blocks(race).pad(np.concatenate(blocks), 0.0), error


def _places(settings: SyntheticSettings, draws: int) -> pd.DataFrame:
    return true_places(truth_of_world(settings, draws), STAGE)


def tables_of(settings: SyntheticSettings) -> Tables:
    """Return the canonical tables that the source's dump gives."""
    with tempfile.TemporaryDirectory() as folder:
        snapshot = take_snapshot(SOURCE, None, settings, Path(folder), now=datetime.now(UTC), previous=None)
        assert snapshot is not None
        return Tables(build_tables([snapshot], TimeParams()).tables)


def frame_of(tables: Tables, features: Iterable[str]) -> pd.DataFrame:
    """Return the point-in-time frame before the race of the groups that hold some features."""
    return joined(
        row_kind("race_driver").spine(tables, STAGE), read_groups(model("order"), set(features)), tables, Params()
    )
