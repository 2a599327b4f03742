"""A saved choice of columns for an experiment's table of runs, and the address that opens it under *Model training*.

MLflow keeps the columns that somebody chose in that person's browser. What it shares between people is a view: a tag of the experiment
with the choice as JSON, and an address that names the tag. We write the tag, so the address is right in a browser that has never been there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pitwall.adapters.mlflow.store import open_store
from pitwall.domain.project import Project

KEY = "pitwall"
TAG = f"mlflow.sharedViewState.{KEY}"
FIRST = ("1", "attributes.`Run Name`", "runDateAndNestInfo", "duration")  # ids of the columns that are always there
# In pixels: names of runs begin alike, and in MLflow's 190 no difference is seen; heads of metrics are longer than numbers.
WIDTHS = {"1": 73, "attributes.`Run Name`": 370, "attributes.`Models`": 110}
MARGIN, LETTER = 36, 7


def save_view(project: Project, experiment: str, metrics: Sequence[str], tags: Sequence[str]) -> str | None:
    """Save a view of an experiment, newest run first, and return its address below a server's; None if there are no runs yet.

    Args:
        project: whose run store.
        experiment: its name.
        metrics: the columns after the attributes, in order.
        tags: the columns after these.
    """
    client = open_store(project)
    known = client.get_experiment_by_name(experiment)
    if known is None:
        return None
    client.set_experiment_tag(known.experiment_id, TAG, json.dumps(_view(metrics, tags)))
    return f"/#/experiments/{known.experiment_id}/runs?workflowType=machine_learning&viewStateShareKey={KEY}"


def _view(metrics: Sequence[str], tags: Sequence[str]) -> dict[str, object]:
    named = {f"metrics.`{name}`": name for name in metrics} | {f"tags.`{name}`": name for name in tags}
    columns = ["attributes.`Models`", *named]
    return {
        "selectedColumns": columns,
        "columnOrder": [*FIRST, *columns],  # widths are read of the columns that an order names
        "columnWidths": WIDTHS | {column: MARGIN + LETTER * len(name) for column, name in named.items()},
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "lifecycleFilter": "Active",
        "runsExpanded": {},
        "runsHiddenMode": "FIRST_10_RUNS",
    }
