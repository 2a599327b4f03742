"""The bundles in quarantine, one by one: why each was refused, taking one once its signer is trusted, and throwing it away."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.access.permissions import AT_THIS_MACHINE, Owner
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.workflows.hub.market import download
from pitwall.workflows.hub.opening.directory import read_directory
from pitwall.workflows.hub.opening.refusal import REASONS, BundleRefused
from pitwall.workflows.hub.receiving import REFUSED, ZIP, Received, quarantine, refused
from pitwall.workflows.workspace import Workspace

HASH = re.compile(r"[0-9a-f]{64}")
MOST_WAITING = 1_000_000_000  # bytes of all


@dataclass(frozen=True)
class Waiting:
    """A bundle that was refused.

    Attributes:
        hash: sha256 of its bytes.
        file: as it was called.
        reason: one of `REASONS`.
        detail: what was found.
        at: when, ISO text.
        size: its bytes; None where they were too many to be kept.
    """

    hash: str
    file: str
    reason: str
    detail: str
    at: str
    size: int | None

    @property
    def meaning(self) -> str:
        """What the reason means, in words."""
        return REASONS.get(self.reason, "")


def waiting(project: Project) -> list[Waiting]:
    """Return the bundles in quarantine, newest first."""
    return [_waiting(project, each) for each in reversed(refused(project))]


def one(project: Project, digest: str) -> Waiting:
    """Return a bundle in quarantine.

    Raises:
        UnknownName: there is none of this hash.
    """
    folder = _folder(project, digest)
    return _waiting(project, json.loads((folder / REFUSED).read_text(encoding="utf-8")))


def listed(project: Project, digest: str) -> list[tuple[str, int]]:
    """Return what its directory names, with bytes unpacked; nothing where the directory itself is refused. Nothing is unpacked.

    Raises:
        UnknownName: there is none of this hash.
    """
    zipped = _folder(project, digest) / ZIP
    try:
        entries = read_directory(zipped.read_bytes()) if zipped.is_file() else []
    except BundleRefused:
        return []
    return [(each.name, each.size) for each in entries]


def take(workspace: Workspace, digest: str, key: str, *, by: Owner = AT_THIS_MACHINE) -> Received:
    """Verify a bundle of the quarantine anew, whose signer somebody trusts now, and take it.

    Args:
        workspace: of the project in whose quarantine it lies.
        digest: its hash.
        key: id of the signer's key, as its owner has told it in another way.
        by: who takes it.

    Raises:
        UnknownName: there is none of this hash.
        UsageError: the key's id is none, or the bundle was too large to be kept.
        BundleRefused: another key signed it, or something else about it is wrong; it stays where it is.
    """
    project = workspace.project
    found, zipped = one(project, digest), _folder(project, digest) / ZIP
    if not HASH.fullmatch(key):
        raise UsageError(f"the id of a key is 64 characters of 0-9 and a-f; found {key[:80]!a}.")
    if not zipped.is_file():
        raise UsageError(f"{found.file} was too large to be kept; bring it again.")
    with tempfile.TemporaryDirectory(prefix="incoming-", dir=quarantine(project).parent) as made:
        again = Path(made) / found.file.replace("/", "-").replace("\\", "-")
        shutil.copyfile(zipped, again)
        return download(workspace, again, key, by=by)


def throw_away(project: Project, digest: str) -> None:
    """Delete a bundle in quarantine with its reason.

    Raises:
        UnknownName: there is none of this hash.
    """
    shutil.rmtree(_folder(project, digest))


def see_room(project: Project, most: int = MOST_WAITING) -> None:
    """Look at whether there is room for one more.

    Raises:
        UsageError: those in quarantine are too many bytes already.
    """
    used = sum(each.size or 0 for each in waiting(project))
    if used > most:
        raise UsageError(
            f"{used / 1e6:,.0f} MB lie in quarantine; expected at most {most / 1e6:,.0f}. Throw some away first."
        )


def _waiting(project: Project, said: dict[str, str]) -> Waiting:
    zipped = quarantine(project) / said["bundle"] / ZIP
    size = zipped.stat().st_size if zipped.is_file() else None
    return Waiting(said["bundle"], said["from"], said["reason"], said["detail"], said["at"], size)


def _folder(project: Project, digest: str) -> Path:
    folder = quarantine(project) / digest
    if not HASH.fullmatch(digest) or not (folder / REFUSED).is_file():
        raise UnknownName("bundle in quarantine", digest[:80], [each["bundle"] for each in refused(project)])
    return folder
