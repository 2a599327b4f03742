"""The manifest's section on code: commit, uncommitted work as a patch, what git does not know at all, the installed package."""

from __future__ import annotations

import hashlib
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any

from pitwall.adapters.git import code_state
from pitwall.adapters.git_patch import uncommitted
from pitwall.domain.plugins.provenance import recorded
from pitwall.domain.secrets import FoundSecret, redact, secret_files
from pitwall.tracking.sections.unknown import unknown

if TYPE_CHECKING:
    from pitwall.adapters.installation.package import InstalledPackage

PATCH = "code.patch"
LARGEST = 5_000_000  # bytes of a patch that is still kept
FIELDS = ("commit", "branch", "dirty", "patch", "patch_bytes", "untracked", "untracked_total", "secrets")
SHOWN = 200  # untracked files that are listed


def code(root: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the section, and the patch as a file where there is one."""
    state = code_state(root)
    base: dict[str, Any] = {"commit": state.commit, "branch": state.branch, "dirty": list(state.dirty)}
    if plugins := recorded(root):
        base["plugins"] = plugins
    package = {"package": _facts(state.package)} if state.package else {}
    if state.reason:
        reason = unknown(state.reason)
        return {**base, **dict.fromkeys(FIELDS, reason), **package}, {}
    try:
        found = uncommitted(root)
    except CalledProcessError as error:
        reason = unknown(f"git diff failed with exit code {error.returncode}")
        return {**dict.fromkeys(FIELDS, reason), **base, **package}, {}
    hidden = secret_files(found.untracked)
    if hidden:
        found = uncommitted(root, leave_out=[each.file for each in hidden])
    patch, in_patch = redact_patch(found.patch)
    names, in_names = redact("\n".join(found.untracked), "untracked files")
    listed = names.split("\n") if names else []
    secrets = [*in_patch, *in_names, *hidden]
    section = {
        **base,
        "patch": _patch_hash(patch),
        "patch_bytes": len(patch),
        "untracked": listed[:SHOWN],
        "untracked_total": len(listed),
        "secrets": [each.row() for each in secrets],
        **package,
    }
    return section, {PATCH: patch} if 0 < len(patch) <= LARGEST else {}


def redact_patch(patch: bytes) -> tuple[bytes, list[FoundSecret]]:
    """Return a patch without secrets, byte for byte the same where there are none."""
    text, found = redact(patch.decode("utf-8", "surrogateescape"), PATCH)
    return (text.encode("utf-8", "surrogateescape"), found) if found else (patch, [])


def _facts(package: InstalledPackage) -> dict[str, Any]:
    """Return what a repetition needs to find the very package again, and what of it no wheel holds."""
    facts = {"name": package.name, "version": package.version, "sha256": package.sha256}
    return {**facts, "changed": unknown(package.reason) if package.reason else list(package.changed)}


def _patch_hash(patch: bytes) -> str:
    if len(patch) > LARGEST:
        return unknown(f"the patch has {len(patch):,} bytes, more than {LARGEST:,} are not kept; commit the work")
    return hashlib.sha256(patch).hexdigest() if patch else ""
