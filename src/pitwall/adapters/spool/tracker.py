"""A run store that may be away (`ports.Tracker`): what it does not take waits in the run's journal, and so does all that follows.

A call goes to the store as long as it answers. One that finds it away goes into the journal of its run, with the instant at which
it was made, and from then on every call of that run does, so that their order holds; `sync` sends them. What the store would refuse is
refused here at once: a number that is not finite, a name, a changed parameter, a file that is missing or too large.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from pitwall.adapters.mlflow.tracker import sendable
from pitwall.adapters.processes.identity import this_process
from pitwall.adapters.spool.away import is_away
from pitwall.adapters.spool.journal import OFFLINE, Spool, now
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.ports import RunStatus, Tracker
from pitwall.domain.project import Project
from pitwall.domain.records.run_tags import OWN_ID, PROCESS
from pitwall.domain.refs import FrameRef
from pitwall.domain.settings import see_that_small
from pitwall.domain.texts.param_texts import flatten, text_of


class SpoolingTracker:
    """A run store and, behind it, the journals of a project.

    Args:
        inner: the store.
        project: whose journals they are.
    """

    def __init__(self, inner: Tracker, project: Project) -> None:
        self._inner, self._project, self._spool = inner, project, Spool(project)
        self._warned: set[str] = set()

    def start(
        self, experiment: str, name: str, tags: Mapping[str, str], parent: str | None = None, at: int | None = None
    ) -> str:
        """Open a run (nested below `parent`) and return its id, `offline-` and more where the store is away.

        Each run is tagged with an id of its own before it is sent: whether a store that fell silent has made it can be found out later.
        """
        own, at = uuid4().hex, now() if at is None else at
        marked = {**tags, OWN_ID: own}
        if parent is None or not self._spool.holds(parent):
            try:
                return self._inner.start(experiment, name, marked, parent and self._in_store(parent), at)
            except Exception as error:
                if not is_away(error):
                    raise
                self._warn(f"{OFFLINE}{own}", error)
        whose = {PROCESS: this_process(), **marked}
        opened = {"experiment": experiment, "name": name, "tags": dict(whose), "parent": parent}
        self._spool.journal(f"{OFFLINE}{own}").append("start", at, opened)
        return f"{OFFLINE}{own}"

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Log parameters.

        Raises:
            TrackingError: a parameter of the run has another value already; of values that are in the store while it is away, `sync` says so.
        """
        texts = {key: text_of(value) for key, value in flatten(params).items()}
        for line in self._spool.journal(run_id).lines():
            for key, text in line.get("params", {}).items():
                if texts.get(key, text) != text:
                    raise TrackingError(f"parameter {key!r} of run {run_id} is {text!r} already, not {texts[key]!r}.")
        self._do(run_id, "params", {"params": texts}, lambda store: self._inner.params(store, params))

    def metrics(
        self, run_id: str, metrics: Mapping[str, float], step: int | None = None, at: int | None = None
    ) -> None:
        """Log finite numbers, at one step of a history or as finals."""
        numbers, at = sendable(metrics, step), now() if at is None else at
        arguments = {"metrics": numbers, "step": step}
        self._do(run_id, "metrics", arguments, lambda store: self._inner.metrics(store, numbers, step, at), at=at)

    def curve(self, run_id: str, metric: str, values: Sequence[tuple[int, float]], at: int | None = None) -> None:
        """Log the history of a metric at once."""
        numbers = [(step, sendable({metric: value}, step)[metric]) for step, value in values]
        at = now() if at is None else at
        arguments = {"metric": metric, "values": numbers}
        self._do(run_id, "curve", arguments, lambda store: self._inner.curve(store, metric, numbers, at), at=at)

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Log a file, or all files of a folder; those that have to wait are copied."""
        see_that_small(self._project, path)
        self._do(run_id, "files", {"folder": folder}, lambda store: self._inner.files(store, path, folder), files=path)

    def dataset(self, run_id: str, frame: FrameRef, context: str) -> None:
        """Link the run to the frame that it used; the frame's types are read when the link is sent."""
        arguments = {"frame": asdict(frame), "context": context}
        self._do(run_id, "dataset", arguments, lambda store: self._inner.dataset(store, frame, context))

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self._do(run_id, "tag", {"tags": dict(tags)}, lambda store: self._inner.tag(store, tags))

    def note(self, run_id: str, markdown: str) -> None:
        """Set the text that the run's page opens with."""
        self._do(run_id, "note", {"markdown": markdown}, lambda store: self._inner.note(store, markdown))

    def finish(self, run_id: str, status: RunStatus, at: int | None = None) -> None:
        """Close the run in its true state."""
        at = now() if at is None else at
        self._do(run_id, "finish", {"status": status}, lambda store: self._inner.finish(store, status, at), at=at)

    def orphans(self) -> list[str]:
        """Return the ids of open runs whose process is gone; none while nobody can ask."""
        return self._asked(self._inner.orphans)

    def reap(self) -> list[str]:
        """Mark runs whose process is gone as KILLED and return their ids; none while nobody can ask."""
        return self._asked(self._inner.reap)

    def _do(
        self,
        run_id: str,
        call: str,
        arguments: Mapping[str, Any],
        through: Callable[[str], None],
        *,
        at: int | None = None,
        files: Path | None = None,
    ) -> None:
        """Make a call, or write it down: with the same instant either way, as a call that got no answer may have been heard."""
        if not self._spool.holds(run_id):
            try:
                through(self._in_store(run_id))
            except Exception as error:
                if not is_away(error):
                    raise
                self._warn(run_id, error)
            else:
                return
        self._spool.journal(run_id).append(call, now() if at is None else at, arguments, files)

    def _in_store(self, run_id: str) -> str:
        found = self._spool.store_id(run_id)
        if found is None:
            raise UnknownName("run", run_id, [*self._spool.ids(), *self._spool.synced()])
        return found

    def _asked(self, question: Callable[[], list[str]]) -> list[str]:
        try:
            return question()
        except Exception as error:
            if not is_away(error):
                raise
            return []

    def _warn(self, run_id: str, error: BaseException) -> None:
        if run_id not in self._warned:
            self._warned.add(run_id)
            where = self._spool.folder.relative_to(self._project.root)
            warnings.warn(
                f"the run store is away ({error}). Run {run_id} waits in {where}/{run_id}, and so does what it logs from now on; when the "
                "store answers again, `pitwall exp sync` sends it.",
                stacklevel=4,
            )
