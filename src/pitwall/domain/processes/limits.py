"""Limits that a process sets to itself before it touches what strangers have made: from then on nothing in it can raise them."""

from __future__ import annotations

import resource
from dataclasses import dataclass

from pitwall.domain.errors import PitwallError


class JailRefused(PitwallError):
    """This machine builds no walls around strangers' code, so none is run."""


@dataclass(frozen=True)
class ProcessLimits:
    """What a process may use; None leaves a limit as it is.

    Attributes:
        memory_bytes: of address space.
        cpu_s: processor time in seconds.
        file_bytes: of one file that it writes.
        open_files: at once.
    """

    memory_bytes: int
    cpu_s: int
    file_bytes: int | None = None
    open_files: int | None = None

    def hold(self) -> None:
        """Hold this process to the limits: over its processor time it is ended, over the others its calls fail."""
        _at_most(resource.RLIMIT_AS, self.memory_bytes)
        _at_most(resource.RLIMIT_CPU, self.cpu_s)
        _at_most(resource.RLIMIT_FSIZE, self.file_bytes)
        _at_most(resource.RLIMIT_NOFILE, self.open_files)
        _at_most(resource.RLIMIT_CORE, 0)


def _at_most(what: int, wanted: int | None) -> None:
    if wanted is not None:
        resource.setrlimit(what, (wanted, wanted))
