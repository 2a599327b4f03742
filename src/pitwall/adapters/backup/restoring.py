"""Put an archive in the place of the local state: verified beside it, then two renames; what was there stays beside it.

What belongs to the machine and not to a backup goes on: a lock is the same file as before, so who waits for it and who comes later still
shut each other out.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pitwall.adapters.backup.manifest import Manifest
from pitwall.adapters.backup.reading import unpack
from pitwall.domain.clock import wall
from pitwall.domain.errors import BackupError, UsageError
from pitwall.domain.project import Project
from pitwall.domain.records.local_state import MACHINE, entry, is_kept


@dataclass(frozen=True)
class Restored:
    """What was restored.

    Attributes:
        manifest: of the archive.
        before: where what stood there is now; None where nothing did.
    """

    manifest: Manifest
    before: Path | None


def restore(project: Project, archive: Path, *, force: bool) -> Restored:
    """Replace the local state by that of an archive.

    Args:
        project: that it becomes the state of.
        archive: as `write` made it.
        force: also where there is something that a backup would hold.

    Raises:
        UsageError: there is no such archive, or something is there and `force` is off.
        BackupError: the archive is damaged or hostile; nothing was touched.
    """
    state = project.state
    held = sorted(path.relative_to(state).as_posix() for path in state.rglob("*") if path.is_file())
    held = [path for path in held if is_kept(path)]
    if held and not force:
        raise UsageError(
            f"{state} holds {len(held)} files that a backup would, such as {held[0]}; nothing was restored. --force puts the "
            "archive in their place and keeps them beside it."
        )
    fresh = state.with_name(f"{state.name}.restoring-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)  # of a process that was killed and had this number
    fresh.mkdir()
    try:
        manifest = unpack(archive, fresh)
        return Restored(manifest, _swap(state, fresh))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(state: Path, fresh: Path) -> Path | None:
    if not state.exists():
        fresh.rename(state)
        return None
    for path in state.iterdir():
        if _of_machine(path):
            os.link(path, fresh / path.name)
    before = state.with_name(f"{state.name}.before-{wall():%Y%m%dT%H%M%S.%fZ}")
    state.rename(before)
    try:
        fresh.rename(state)
    except OSError as error:
        before.rename(state)
        raise BackupError(f"{fresh} cannot be put in place: {error}; what was there still is.") from None
    if all(_of_machine(path) for path in before.iterdir()):
        shutil.rmtree(before)  # a project that was just made has nothing but locks
        return None
    return before


def _of_machine(path: Path) -> bool:
    known = entry(path.name)
    return known is not None and known.fate == MACHINE and path.is_file()
