"""The two tags that no run lacks: which type of experiment it was, and which version of the data it read.

A run is refused where it is opened, not found lacking afterwards: who opens one asks `with_mandatory` for its tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.params import Params
from pitwall.tracking.names import EXPERIMENT_TYPES
from pitwall.tracking.sections.unknown import unknown

EXPERIMENT_TYPE, DATASET_VERSION = "experiment_type", "dataset_version"
BASELINE, SEARCH = "baseline", "hyperparameter"
TABLES, NAMELESS = "data/tables", "data"
DIGITS = 12


def with_mandatory(tags: Mapping[str, str], *, experiment_type: str = "", dataset_version: str = "") -> dict[str, str]:
    """Return the tags of a run with its experiment type and the version of its data.

    Args:
        tags: of the run; where they name one of the two, that is what it says.
        experiment_type: else.
        dataset_version: else; `unknown: ` with the reason where nobody can know it.

    Raises:
        UnknownName: there is no such type of experiment; offers the nearest.
        TrackingError: one of the two is missing.

    Example:
        >>> with_mandatory({"model": "xgboost"}, experiment_type="baseline", dataset_version="v2.1")
        {'experiment_type': 'baseline', 'dataset_version': 'v2.1', 'model': 'xgboost'}
    """
    found = {EXPERIMENT_TYPE: experiment_type, DATASET_VERSION: dataset_version, **tags}
    for name, expected in (
        (EXPERIMENT_TYPE, f"one of {', '.join(EXPERIMENT_TYPES)}"),
        (DATASET_VERSION, "which data it reads, e.g. v2.1"),
    ):
        if not found[name].strip():
            raise TrackingError(f"the run has no {name}; expected {expected}: give it as a tag when the run is opened.")
    if found[EXPERIMENT_TYPE] not in EXPERIMENT_TYPES:
        raise UnknownName("experiment type", found[EXPERIMENT_TYPE], EXPERIMENT_TYPES)
    return found


def type_of_training(params: Params) -> str:
    """Return the experiment type of a training: one that searches is about hyperparameters."""
    return SEARCH if params.tuning.trials > 1 else BASELINE


def version_of_data(sources: Iterable[str], outs: Mapping[str, Any] | str) -> str:
    """Return the version of the data: the sources in use and the beginning of DVC's hash of the canonical tables.

    Args:
        sources: names of the sources, none where nobody said them.
        outs: DVC's hash of each data output as recorded, or why there is none.

    Example:
        >>> version_of_data(["f1db", "ergast"], {"data/tables": "0123456789abcdef.dir"})
        'ergast_f1db-0123456789ab'
    """
    if isinstance(outs, str):
        return outs
    if TABLES not in outs:
        return unknown(f"dvc.lock records no {TABLES}")
    return f"{'_'.join(sorted(sources)) or NAMELESS}-{outs[TABLES].partition('.')[0][:DIGITS]}"
