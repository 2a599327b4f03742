"""A run as plain dictionaries, in the words and the layout of a folder of JSON files, whatever store it lies in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.domain.ports import RunReader, RunRecord
from pitwall.tracking.experiments.models import logged_model
from pitwall.tracking.experiments.run import own_tags
from pitwall.tracking.run_stores.finals import finals, history
from pitwall.tracking.run_stores.instants import instant
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.run_stores.values import params_of
from pitwall.tracking.run_stores.words import WORDS


def entry(store: RunStore, record: RunRecord) -> dict[str, Any]:
    """Return a run's entry of `metadata.json`."""
    return {
        "run_id": record.run_id,
        "experiment_name": record.experiment,
        "created_at": record.started,
        "finished_at": record.ended or None,
        "status": WORDS[record.status],
        "tags": own_tags(record.tags),
        "description": store.reader.page(record.run_id),
        "run_dir": store.reader.home(record.run_id),
    }


class PlainRun(dict[str, Any]):
    """A run as dictionaries, which knows where its model lies."""

    def __init__(self, content: Mapping[str, Any], reader: RunReader) -> None:
        super().__init__(content)
        self._reader = reader

    def load_model(self, name: str = "model", into: Any = None) -> Any:
        """Return a model that was logged to the run; see `logged_model`."""
        return logged_model(self._reader, self["run_id"], name, into)


def plain_run(store: RunStore, record: RunRecord) -> PlainRun:
    """Return a run's entry with its `params` and its `metrics`, as params.json and metrics.json hold them."""
    told = finals(store.reader, record)
    metrics = {
        name: [
            {"step": None if each.final else each.step, "value": each.value, "timestamp": instant(each.at)}
            for each in history(store.reader, record, name, told)
        ]
        for name in sorted(record.metrics)
    }
    whole = {**entry(store, record), "params": params_of(store.reader, record), "metrics": metrics}
    return PlainRun(whole, store.reader)
