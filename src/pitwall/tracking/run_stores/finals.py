"""Numbers without a step, in stores that know none: MLflow keeps them at step 0, and a tag says which those are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pitwall.domain.ports import Measured, RunReader, RunRecord
from pitwall.tracking.run_stores.values import json_tag

FINALS = "pitwall.finals"  # {metric: instants in milliseconds at which it was logged without a step}


def history(
    reader: RunReader, record: RunRecord, metric: str, told: Mapping[str, Sequence[int]] | None = None
) -> list[Measured]:
    """Return the numbers of a metric in the order in which they were logged; finals are marked as such.

    Args:
        reader: of the run's store.
        record: the run.
        metric: its name.
        told: what `finals` returned for the run; asked for when None.
    """
    marked = (finals(reader, record) if told is None else told).get(metric, [])
    found = [
        replace(each, final=each.final or (each.step == 0 and each.at in marked))
        for each in reader.measured(record.run_id, metric)
    ]
    return sorted(found, key=lambda each: (each.at, each.step))


def finals(reader: RunReader, record: RunRecord) -> dict[str, list[int]]:
    """Return {metric: instants} of the numbers that a run got without a step."""
    return dict(json_tag(reader, record, FINALS, {}))
