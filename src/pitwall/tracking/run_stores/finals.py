"""Numbers without a step, in stores that know none: MLflow keeps them at step 0, and a tag says which those are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from pitwall.domain.ports import Measured, RunReader, RunRecord

FINALS = "pitwall.finals"  # {metric: instants in milliseconds at which it was logged without a step}


def history(reader: RunReader, record: RunRecord, metric: str) -> list[Measured]:
    """Return the numbers of a metric in the order in which they were logged; finals are marked as such."""
    marked = told(record.tags).get(metric, [])
    found = [
        replace(each, final=each.final or (each.step == 0 and each.at in marked))
        for each in reader.measured(record.run_id, metric)
    ]
    return sorted(found, key=lambda each: (each.at, each.step))


def told(tags: Mapping[str, str]) -> dict[str, list[int]]:
    """Return what the tag of a run says."""
    return dict(json.loads(tags.get(FINALS, "{}")))
