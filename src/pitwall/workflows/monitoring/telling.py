"""Tell of what a look found: alarms to the sinks, each once per cause, and the page of the week."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pitwall.workflows.logbook.news import alarmed
from pitwall.workflows.monitoring.found import Alarm, Watch
from pitwall.workflows.monitoring.pages.shelf import write_page
from pitwall.workflows.monitoring.pages.week import page
from pitwall.workflows.workspace import Workspace

MOVED = "drift"  # the kind of alarm that may start a training


@dataclass(frozen=True)
class Told:
    """The page, and the alarms of which nobody had been told before."""

    page: Path
    news: tuple[Alarm, ...]

    @property
    def drifted(self) -> tuple[str, ...]:
        """What of the news has drifted, a model each."""
        return tuple(dict.fromkeys(each.subject for each in self.news if each.kind == MOVED))


def tell(workspace: Workspace, found: Watch) -> Told:
    """Write the page and send the alarms; a sink that fails changes nothing.

    Args:
        workspace: of the project.
        found: of `watch`.
    """
    path = write_page(workspace.project, found, page(found))
    news = [each for each in found.alarms if alarmed(workspace, each.kind, each.subject, each.text, cause=each.cause)]
    return Told(path, tuple(news))
