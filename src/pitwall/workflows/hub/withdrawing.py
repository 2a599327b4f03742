"""Take a bundle from the shared models: the file that others took it from, what was unpacked here, and what people thought of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from pitwall.domain.access.permissions import AT_THIS_MACHINE, Owner, see_allowed
from pitwall.domain.access.sharing import SharedVersion
from pitwall.domain.refs import file_sha256
from pitwall.workflows.hub.receiving import Received, received
from pitwall.workflows.hub.trust import owner_of_key
from pitwall.workflows.workspace import Workspace


def withdraw(workspace: Workspace, bundle: Received, *, by: Owner = AT_THIS_MACHINE) -> None:
    """Share a bundle no more; who has taken it elsewhere keeps it, and so does who has forked it.

    Args:
        workspace: of the project.
        bundle: that goes.
        by: who asks.

    Raises:
        NotAllowed: it is another one's, or a stranger's, which only an admin removes.
    """
    owner = owner_of_key(workspace.project, bundle.about.key)
    see_allowed(by, "delete", owner)
    about = bundle.about
    known = {each.bundle: each for each in workspace.market.shared_by(owner)}
    remove(
        workspace,
        known.get(bundle.hash) or SharedVersion(bundle.hash, about.name, about.version, about.key, owner),
    )


def remove(workspace: Workspace, version: SharedVersion) -> None:
    """Delete the files of a version, then its rows, which say where the files are: a kill in between leaves something to repeat."""
    place = Path(version.place) if version.place else None
    if place is not None and place.is_file() and file_sha256(place) == version.bundle:
        place.unlink()
    shutil.rmtree(received(workspace.project) / version.bundle, ignore_errors=True)
    workspace.market.withdraw(version.bundle, noted=bool(version.owner))
