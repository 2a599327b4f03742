"""What pages do with shared models: share a version under a name, and give a bundle away as the file that was signed."""

from __future__ import annotations

import re
from pathlib import Path

from pitwall.domain.access.permissions import AT_THIS_MACHINE, Owner
from pitwall.domain.errors import UsageError
from pitwall.domain.ports import ModelVersion
from pitwall.domain.refs import file_sha256
from pitwall.workflows.hub.form import About
from pitwall.workflows.hub.market import enter
from pitwall.workflows.hub.publishing import publish
from pitwall.workflows.hub.receiving import ZIP, Received
from pitwall.workflows.hub.shelf import find, taken
from pitwall.workflows.hub.trust import held_key
from pitwall.workflows.workspace import Workspace

NAME = re.compile(str(About.model_fields["name"].metadata[0].pattern))


def share(workspace: Workspace, version: ModelVersion, name: str, *, by: Owner = AT_THIS_MACHINE) -> Received:
    """Publish a version and return its bundle, verified; one that was shared under this name before is returned as it is.

    Args:
        workspace: of the project.
        version: that is shared.
        name: under which it is.
        by: who signs it, with a key that is made on first use.

    Raises:
        UsageError: the name is none of a shared model.
        BundleRefused: it holds what no bundle may.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name[:80]!a} is no name of a shared model; expected 2 to 60 small letters, digits, - and _, a letter first."
        )
    if there := _shared(workspace, version, name, held_key(workspace.project, by.name)):
        return there
    folder = workspace.project.state / "hub" / "published" / by.name
    file = publish(workspace, f"{version.model}@{version.version}", folder, name, by=by)
    return find(workspace.project, file_sha256(file))


def given(workspace: Workspace, bundle: Received, *, by: Owner = AT_THIS_MACHINE) -> Path:
    """Return the file of a verified bundle, and write down that somebody has downloaded it.

    Args:
        workspace: of the project.
        bundle: that they take.
        by: who takes it.
    """
    enter(workspace, bundle)
    workspace.market.took(bundle.hash, by.name)
    return bundle.folder / ZIP


def _shared(workspace: Workspace, version: ModelVersion, name: str, key: str) -> Received | None:
    wanted = (name, version.model, version.version, version.content, key)
    of = ((each, each.about) for each in taken(workspace.project))
    return next((each for each, a in of if (a.name, a.model, a.version, a.content, a.key) == wanted), None)
