"""A store of runs as an experiment tracker sees it: the two sides of it, and how experiments are called there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunReader, RunRecord, Tracker


@dataclass(frozen=True)
class RunStore:
    """A run store.

    Attributes:
        tracker: its writing side.
        reader: its reading side.
        experiment: whose runs are started and listed where nobody names another one; empty for those of all.
        named: what an experiment that somebody names is called in the store.
        keeps_types: the store itself keeps the types of parameters, and tells a number without a step from one of step 0.
        tagged: tags of a run -> those that it is opened with; raises where one that the store insists on is missing.
    """

    tracker: Tracker
    reader: RunReader
    experiment: str = ""
    named: Callable[[str], str] = str
    keeps_types: bool = False
    tagged: Callable[[Mapping[str, str]], Mapping[str, str]] = dict

    def records(self, experiment: str | None = None) -> list[RunRecord]:
        """Return the runs of an experiment that are not nested in another, oldest first.

        Args:
            experiment: as somebody names it or as the store does; the tracker's own when None.
        """
        if experiment is None:
            return self.reader.all(self.experiment or None)[::-1]
        return (self.reader.all(experiment) or self.reader.all(self.named(experiment)))[::-1]

    def whole_id(self, text: str) -> str | None:
        """Return the id of the run that a text begins, None where no run begins so.

        Raises:
            UsageError: several do.
        """
        found = self.reader.find(text)
        if len(found) > 1:
            raise UsageError(f"{len(found)} runs begin with {text!r}; give more of the id.")
        return found[0] if found else None
