"""How each feature is spread in one version of the data, for people and programs to look at; nothing in the pipeline reads it yet.

A profile belongs to bytes: it names the hash of the feature files that it describes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project
from pitwall.domain.refs import folder_hash
from pitwall.features import groups
from pitwall.features.machinery.group import FeatureGroup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BINS = 20
INK, MUTED = "#1f2933", "#9aa5b1"
ACROSS = 8  # histograms side by side


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
    return [{"group": group.name, **_spread(name, newest[name].to_numpy(np.float64))} for name in group.names]


def _spread(name: str, values: np.ndarray) -> dict[str, Any]:
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


def draw(profiled: dict[str, Any], path: Path) -> None:
    """Write the histograms of a profile as one PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    features = profiled["features"]
    down = -(-len(features) // ACROSS)
    figure = Figure(figsize=(2.1 * ACROSS, 1.4 * down + 0.5))
    FigureCanvasAgg(figure)
    panels = figure.subplots(down, ACROSS, squeeze=False).ravel()
    for axes, row in zip(panels, features, strict=False):
        _panel(axes, row)
    for axes in panels[len(features) :]:
        axes.set_visible(False)
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.3 / height, top=1 - 0.6 / height, hspace=0.7, wspace=0.1)
    title = f"{len(features)} features of data {profiled['data'][:12]}; how many rows hold a value, in brackets"
    figure.text(0.01, 1 - 0.3 / height, title, color=INK)
    figure.savefig(path, dpi=110)


def _panel(axes: Axes, row: dict[str, Any]) -> None:
    known = 1 - row["nulls"] / max(row["count"], 1)
    axes.set_title(f"{row['name']} ({known:.0%})", fontsize=7, color=INK)
    ends = [row["edges"][0], row["edges"][-1]] if row["bins"] else []
    axes.set_xticks(ends, [f"{end:.3g}" for end in ends], fontsize=6, color=MUTED)
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    if row["bins"]:
        axes.stairs(row["bins"], row["edges"], fill=True, color=INK)
