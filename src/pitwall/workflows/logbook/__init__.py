"""Read, compare and edit runs that are over, whichever store they are in."""

from pitwall.workflows.logbook.store import Logbook, opened

__all__ = ["Logbook", "opened"]
