"""Whether this machine can run what strangers have written, such as the cells of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.cli.machinery.found import Found

if TYPE_CHECKING:
    from pitwall.workflows.workspace import Workspace


def notebooks(_workspace: Workspace) -> Found:
    """Say whether notebooks can be imported here."""
    from pitwall.workflows.importing.importing import why_not

    if reason := why_not():
        return Found("off", reason, "docs/import.md")
    return Found("ok", "their cells run without network, files and other processes (pitwall notebook import FILE)")
