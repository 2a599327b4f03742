"""What goes of shared models when somebody leaves: what they share, their key, downloads and ratings. What others have forked stays."""

from __future__ import annotations

import shutil
from collections.abc import Collection

from pitwall.domain.access.sharing import ORIGIN_TAG, Origin, SharedVersion
from pitwall.domain.errors import UsageError
from pitwall.workflows.hub.trust import key_folder
from pitwall.workflows.hub.withdrawing import remove
from pitwall.workflows.workspace import Workspace


def _gone(workspace: Workspace, owner: str) -> list[str]:
    mine = workspace.market.shared_by(owner)
    for version in mine:
        remove(workspace, version)
    marks, taken = workspace.market.forget(owner)
    shutil.rmtree(key_folder(workspace.project, owner), ignore_errors=True)
    forks = _forks(workspace, {each.bundle for each in mine})
    return [
        *([f"gone: {len(mine)} shared models: {', '.join(map(_named, mine))}."] if mine else []),
        *([f"gone: {marks} ratings, {taken} downloads of others' models."] if marks or taken else []),
        *(
            [f"stays: {forks} runs that were forked from them; their lineage says that the origin is gone."]
            if forks
            else []
        ),
    ]


def _forks(workspace: Workspace, bundles: Collection[str]) -> int:
    """Return how many runs here were made from the orders of some bundles."""
    if not bundles:
        return 0
    return sum(_origin(each.tags.get(ORIGIN_TAG, "")) in bundles for each in workspace.runs.all())


def _origin(told: str) -> str:
    try:
        return Origin.of(told).bundle
    except UsageError:
        return ""


def _named(version: SharedVersion) -> str:
    return f"{version.name} version {version.version}"


LEAVE = _gone
