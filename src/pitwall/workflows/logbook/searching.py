"""Search runs by a condition in MLflow's filter language, and remember conditions by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pitwall import wiring
from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.ports import RunRecord
from pitwall.tracking.comparison.named import known_names, named
from pitwall.workflows.logbook.store import Logbook

QUERIES = "queries.json"


def search(book: Logbook, condition: str, experiment: str | None = None) -> list[RunRecord]:
    """Return the runs that a condition holds for, the newest first.

    Args:
        book: the run store.
        condition: in MLflow's filter language.
        experiment: its name or beginning; all when None.

    Raises:
        UsageError: the condition is none.
        UnknownName: no run has a metric, parameter or tag of that name.
    """
    wanted = wiring.names_of(condition)
    within = named("experiment", experiment, book.runs.all()) if experiment else None
    if book.workspace is not None:
        found = wiring.search_runs(book.workspace.project, condition, within)
    else:
        found = wiring.matching_runs(book.runs.all(within), condition)
    if not found:
        _see_that_known(wanted, book.runs.all(within))
    return found


def saved(book: Logbook) -> dict[str, str]:
    """Return the remembered conditions by name.

    Raises:
        TrackingError: their file is none of ours.
    """
    path = _file(book)
    if not path.is_file():
        return {}
    try:
        return {str(name): str(text) for name, text in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, AttributeError) as error:
        raise TrackingError(f"{path} holds no conditions by name ({error}); mend it or take it away.") from error


def save(book: Logbook, name: str, condition: str) -> Path:
    """Remember a condition and return the file; one of that name is replaced.

    Raises:
        UsageError: the name is empty.
    """
    if not name.strip():
        raise UsageError("a condition is saved under a name that is not empty.")
    text = json.dumps({**saved(book), name: condition}, indent=2, ensure_ascii=False, sort_keys=True)
    return write_atomically(_file(book), text + "\n")


def recall(book: Logbook, name: str) -> str:
    """Return a remembered condition; raise UnknownName where there is none."""
    known = saved(book)
    if name not in known:
        raise UnknownName("saved condition", name, known)
    return known[name]


def _file(book: Logbook) -> Path:
    return book.state / QUERIES


def _see_that_known(wanted: Mapping[str, list[str]], records: list[RunRecord]) -> None:
    tags = {name for record in records for name in record.tags}
    known = {
        "metric": known_names("metric", records),
        "parameter": known_names("parameter", records),
        "tag": tags | {"mlflow.runName"},
    }
    for kind, names in known.items():
        for name in wanted[kind]:
            if name not in names:
                raise UnknownName(kind, name, names)
