"""How each feature is spread in one version of the data, for people to look at, and as what drift is held against.

A profile belongs to bytes: it names the hash of the feature files that it describes. That of a model's reference rows, as the point-in-time join
gave them, is made when drift is looked for (`pitwall.workflows.monitoring.drift`): its bins, means and sds are what the present is compared with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project
from pitwall.domain.refs import folder_hash
from pitwall.features import groups
from pitwall.features.machinery.group import FeatureGroup

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BINS = 20


def profile(project: Project) -> dict[str, Any]:
    """Return the profile of all built features: the data's hash, and one row per feature.

    Raises:
        FeatureError: a group has not been built.
    """
    files = {name: project.features / f"{name}.parquet" for name in groups()}
    missing = [name for name, path in files.items() if not path.is_file()]
    if missing:
        raise FeatureError(
            f"the features of {', '.join(missing)} are not built yet; make them with `dvc repro features`."
        )
    rows = [row for name, path in files.items() for row in profile_group(groups()[name], pd.read_parquet(path))]
    return {"data": folder_hash(project.features, files.values()), "features": rows}


def profile_group(group: FeatureGroup, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row per feature of a group's table; the newest version of each row counts."""
    newest = table.drop_duplicates([*group.keys, "event_timestamp"], keep="last")
    return [{"group": group.name, **spread(name, newest[name].to_numpy(np.float64))} for name in group.names]


def spread(name: str, values: np.ndarray) -> dict[str, Any]:
    """Return count, nulls, mean, sd, quantiles and histogram of a feature; numbers are null where there is no value.

    The bins span the 1 % to the 99 % quantile; what lies beyond is counted in the outermost ones.
    """
    known = np.sort(values[~np.isnan(values)])
    row: dict[str, Any] = {"name": name, "count": len(values), "nulls": len(values) - len(known)}
    if not len(known):
        return {**row, "mean": None, "sd": None, "min": None, "max": None, "quantiles": {}, "edges": [], "bins": []}
    quantiles = np.quantile(known, QUANTILES)
    low, high = float(quantiles[0]), float(quantiles[-1])
    edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    bins, _ = np.histogram(np.clip(known, edges[0], edges[-1]), edges)
    return {
        **row,
        "mean": float(known.mean()),
        "sd": float(known.std()),
        "min": float(known[0]),
        "max": float(known[-1]),
        "quantiles": {f"{level:g}": float(value) for level, value in zip(QUANTILES, quantiles, strict=True)},
        "edges": edges.tolist(),
        "bins": bins.tolist(),
    }
