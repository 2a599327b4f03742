"""The log of vectors that forecasts were made from: what the online store served, kept to the last bit.

One JSON file per vector set in a folder per month, `.pitwall/input_log/<yyyymm>/`, never written again. Floats are kept as
hexadecimal text, which loses nothing. The same vectors served again for the same forecast add nothing, so the log grows with
what was said, not with how often it was asked; a month that nobody needs any more is deleted as a folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain import clock
from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project

DIGEST = 12
FOLDER = "input_log"  # below the project's local state


@dataclass(frozen=True)
class ServedVectors:
    """The cars of one race as the online store served them to a model.

    Attributes:
        race: label, e.g. 2024-24.
        cutoff: of the forecast.
        known: when the newest row of the store became known; what was published later could not be served.
        service: the feature set.
        model: registered name, e.g. order-pre_race.
        version: of the model.
        world: whose ids these are (see `pitwall.domain.racing.data_world`).
        keys: int64 ids, one row per car.
        features: float64 values, one row per car, in the order of `keys`.
        served_at: when.
    """

    race: str
    cutoff: pd.Timestamp
    known: pd.Timestamp
    service: str
    model: str
    version: int
    world: Mapping[str, Any]
    keys: pd.DataFrame
    features: pd.DataFrame
    served_at: pd.Timestamp


def write_served(project: Project, served: ServedVectors) -> Path:
    """Add vectors to the log and return their file; where this month has them already, nothing is written."""
    content = _content(served)
    digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:DIGEST]
    folder = _folder(project) / f"{served.served_at:%Y%m}"
    path = folder / f"{served.race}-{served.model}-{digest}.json"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"served_at": served.served_at.isoformat(), **content}) + "\n", encoding="utf-8")
        fresh.replace(path)  # in one step: a log that was cut short has no half entry
    return path


def read_served(project: Project, since: pd.Timestamp | None = None) -> list[ServedVectors]:
    """Return the log, oldest first; with `since`, only what was served at that instant or later.

    Raises:
        FeatureError: a file of the log is damaged.
    """
    entries = [_read(path) for path in sorted(_folder(project).glob("*/*.json"))]
    return sorted(
        (entry for entry in entries if since is None or entry.served_at >= since), key=lambda entry: entry.served_at
    )


def same_bits(left: pd.Series, right: pd.Series) -> npt.NDArray[np.bool_]:
    """Return where two columns of floats hold the same bits (0.0 is not -0.0); every null is the same null."""
    one, other = left.to_numpy(np.float64), right.to_numpy(np.float64)
    return np.asarray((one.view(np.int64) == other.view(np.int64)) | (np.isnan(one) & np.isnan(other)))


def now() -> pd.Timestamp:
    """Return this instant, in whole seconds."""
    return pd.Timestamp(clock.now().replace(microsecond=0))


def _folder(project: Project) -> Path:
    return project.state / FOLDER


def _content(served: ServedVectors) -> dict[str, Any]:
    return {
        "race": served.race,
        "cutoff": served.cutoff.isoformat(),
        "known": served.known.isoformat(),
        "service": served.service,
        "model": served.model,
        "version": served.version,
        "world": served.world,
        "keys": {str(name): [int(value) for value in column] for name, column in served.keys.items()},
        "features": {str(name): [_text(value) for value in column] for name, column in served.features.items()},
    }


def _read(path: Path) -> ServedVectors:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        instants = {name: pd.Timestamp(content.pop(name)) for name in ("cutoff", "known", "served_at")}
        keys = pd.DataFrame(content.pop("keys"), dtype="int64")
        values = {name: [_number(text) for text in column] for name, column in content.pop("features").items()}
        return ServedVectors(
            **content, **instants, keys=keys, features=pd.DataFrame(values, index=keys.index, dtype="float64")
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FeatureError(
            f"{path} is no entry of the log of served vectors ({type(error).__name__}: {error}); move it away."
        ) from error


def _text(value: float) -> str | None:
    return None if np.isnan(value) else float(value).hex()


def _number(text: str | None) -> float:
    return np.nan if text is None else float.fromhex(text)
