"""The runs as a list: what each is called, how it stands, what it reached beside its baseline, and what became of its model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pitwall.domain.clock import wall
from pitwall.domain.ports import Registry, RunRecord
from pitwall.domain.records.aliases import CHAMPION
from pitwall.tracking.comparison.table import duration
from pitwall.workflows.experiments.headline import Headline, headline
from pitwall.workflows.experiments.kept import draft_of, is_draft
from pitwall.workflows.workspace import Workspace

MODEL, VERSION = "pitwall.model", "pitwall.version"
OPEN = "RUNNING"
STATES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "stopped", OPEN: "under way"}
GONE = "cut short"  # open in the store, and its process is gone


@dataclass(frozen=True)
class Listed:
    """A run in the list.

    Attributes:
        record: the run.
        state: how it stands, in words.
        headline: what it is known by; None where it has no result yet.
        version: that it registered; None where there is none.
        marks: what its model is now: champion, candidate, draft.
    """

    record: RunRecord
    state: str
    headline: Headline | None
    version: int | None
    marks: tuple[str, ...]

    @property
    def model(self) -> str:
        """The registered name of what was trained; the experiment of other runs."""
        return self.record.tags.get(MODEL, self.record.experiment)

    @property
    def seconds(self) -> float | None:
        """How long it took, or has taken so far."""
        return took(self.record)


def listed(workspace: Workspace, records: Sequence[RunRecord] | None = None) -> list[Listed]:
    """Return runs as a list; all of the project's, the newest first, when none are given."""
    found = workspace.runs.all() if records is None else records
    gone = set(workspace.tracker.orphans()) if any(each.status == OPEN for each in found) else set()
    held = _Held(workspace.registry)
    return [_listed(record, gone, held) for record in found]


def chosen(found: Sequence[Listed], *, model: str = "", state: str = "") -> list[Listed]:
    """Return those of a model and in a state; any where it is empty."""
    return [each for each in found if model in {"", each.model} and state in {"", each.state}]


def version_of(record: RunRecord) -> int | None:
    """Return the version that a run registered; None where there is none."""
    text = record.tags.get(VERSION, "")
    return int(text) if text.isdecimal() else None


def took(record: RunRecord) -> float | None:
    """Return the seconds of a run, so far where it is under way; None where nobody knows when it began."""
    if record.ended or not record.started or record.status != OPEN:
        return duration(record)
    return max(0.0, (wall() - datetime.fromisoformat(record.started)).total_seconds())


def lasted(seconds: float | None) -> str:
    """Return a time in words.

    Example:
        >>> lasted(9.4), lasted(75), lasted(3700), lasted(None)
        ('9 s', '1 min 15 s', '1 h 01 min', '')
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def moment(text: str) -> str:
    """Return an instant of the store as people read it, in UTC; nothing for none."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}" if text else ""


class _Held:
    """The aliases of models, each asked for once."""

    def __init__(self, registry: Registry) -> None:
        self._ask: Callable[[str], Mapping[str, int]] = registry.aliases
        self._known, self._found = set(registry.models()), dict[str, Mapping[str, int]]()

    def of(self, model: str, version: int | None) -> tuple[str, ...]:
        """Return what a version holds, champion first."""
        if version is None or model not in self._known:
            return ()
        if model not in self._found:
            self._found[model] = self._ask(model)
        own = [alias for alias, holder in self._found[model].items() if holder == version]
        return tuple(sorted(own, key=lambda alias: (alias != CHAMPION, alias)))


def _listed(record: RunRecord, gone: Collection[str], held: _Held) -> Listed:
    version, model = version_of(record), record.tags.get(MODEL, "")
    state = GONE if record.run_id in gone else STATES.get(record.status, record.status.lower())
    marks = held.of(model, version)
    if version is None and is_draft(record):
        marks = ("draft",) if draft_of(record) else ("draft, replaced since",)
    return Listed(record, state, headline(record), version, marks)
