"""The family of the first three: the chance of a car to win and that to finish on the podium, asked again and again within a race.

All cars of a race that are asked about at one instant share one victory and three places on the podium. A race may be asked about at many
instants, so the sums over its rows tell only how many there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError
from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at, starters
from pitwall.ml.families._family import Counted, Family, Faults, Label
from pitwall.ml.families.first_three.metrics import METRICS
from pitwall.ml.families.shared import events

WIN, PODIUM = "win", "podium"
COLUMNS = [WIN, PODIUM]
PLACES = 3
CLOSE = 1e-6  # of a sum of chances


def _columns(names: Iterable[str]) -> list[str]:
    return COLUMNS if set(COLUMNS) <= set(names) else []


def _check(answer: pd.DataFrame, race: pd.Series) -> None:
    if list(answer.columns) != COLUMNS:
        raise AnswerError(
            f"the answer about the first three is two columns, {', '.join(COLUMNS)}; found {list(answer.columns)}."
        )
    win, podium = (answer[name].to_numpy(dtype=np.float64) for name in COLUMNS)
    if not (np.isfinite(win).all() and np.isfinite(podium).all() and (win >= 0).all() and (podium <= 1 + CLOSE).all()):
        raise AnswerError("a chance is no number between 0 and 1; answer with probabilities.")
    if (win > podium + CLOSE).any():
        raise AnswerError("a car is likelier to win than to finish on the podium; who wins stands on it.")
    sums = pd.Series(win).groupby(race.to_numpy()).sum()
    if (apart := float((sums - sums.round()).abs().max() if len(sums) else 0.0)) > CLOSE * max(1.0, float(sums.max())):
        raise AnswerError(
            f"the chances to win sum to no whole number of victories in a race (off by {apart:.2g}); divide them by their sum."
        )


def _outcome(tables: Tables, frame: pd.DataFrame, _key: tuple[str, ...], _label: Label) -> pd.DataFrame:
    """Return the place among the starters: what these chances are about is the finish, whatever a question asks of it."""
    return pd.DataFrame({"place": at(starters(tables)["place"], frame, RACE_DRIVER)})


def _flat(chances: np.ndarray) -> np.ndarray:
    """Say the same of every car."""
    return np.broadcast_to(chances.mean(axis=0), chances.shape).copy()


def _bold(chances: np.ndarray) -> np.ndarray:
    """Cube the odds."""
    inside = np.clip(chances, 1e-6, 1 - 1e-6)
    odds = (inside / (1 - inside)) ** 3
    return np.asarray(odds / (1 + odds))


def _turned(chances: np.ndarray) -> np.ndarray:
    """Say of the likeliest row what was said of the least likely one, of the next the same."""
    rank = np.argsort(np.argsort(chances, axis=0, kind="stable"), axis=0, kind="stable")
    return np.take_along_axis(np.sort(chances, axis=0), len(chances) - 1 - rank, axis=0)


def _detail(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    return [{} for _ in range(len(predictions))]


def _first(answers: Mapping[str, float], _detail: Mapping[str, Any], keys: Mapping[str, int]) -> tuple[float, ...]:
    """Put the most probable row first."""
    return *(-value for value in answers.values()), *keys.values()


FAMILY = Family(
    name="first_three",
    says="the chance to win and the chance to finish on the podium",
    columns=_columns,
    check=_check,
    outcome=_outcome,
    outcome_types={"place": "int64"},
    label_type="bool",
    scored=events.scored,
    metrics=METRICS,
    calibration=events.CALIBRATION,
    faults=Faults(_flat, _bold, _turned),
    detail=_detail,
    first=_first,
    shown=events.percent,
    tuned_by="log_loss",
    tuned_by_words="log loss of the winner, all laps of a race alike",
    counted=Counted(
        {},
        "The chances are those of the moment and change with every lap: how often the likeliest car wins is no number of a race.",
    ),
)
