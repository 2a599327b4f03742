"""Keep what only lives in `.pitwall/` elsewhere, and put it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.domain.settings import accounts_address
from pitwall.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pitwall.adapters.backup.restoring import Restored
    from pitwall.adapters.backup.writing import Written


def backup(workspace: Workspace, file: Path) -> Written:
    """Write an archive of the local state; nothing needs to be stopped.

    Raises:
        UsageError: the file cannot be there.
        BackupError: the database of accounts is locked or damaged.
    """
    from pitwall.adapters.backup.writing import write

    return write(workspace.project, file)


def restore(workspace: Workspace, file: Path, *, force: bool = False) -> Restored:
    """Replace the local state by that of an archive, under the project lock; servers must be stopped.

    Args:
        workspace: of the project.
        file: the archive.
        force: also where there is something that a backup would hold; it is kept beside.

    Raises:
        UsageError: there is no such file, or something is there.
        BackupError: the archive is damaged or hostile; nothing was touched.
    """
    from pitwall.adapters.backup.restoring import restore as run

    with workspace.exclusive("restore"):
        return run(workspace.project, file, force=force)


def accounts_elsewhere(workspace: Workspace) -> str | None:
    """Return where the accounts lie if it is not the local state, which an archive then lacks; None if it is."""
    address = accounts_address(workspace.project)
    return None if address.own else address.uri
