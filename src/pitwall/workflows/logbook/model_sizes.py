"""How large the models are that runs registered."""

from __future__ import annotations

from pitwall.workflows.logbook.store import Logbook

SIZE = "model, MB"
MEGABYTE = 1e6


def model_sizes(book: Logbook) -> dict[str, float]:
    """Return {run: megabytes of the model that it registered}; none outside of a project, where nothing is registered."""
    if book.workspace is None:
        return {}
    registry = book.workspace.registry
    versions = [each for model in registry.models() for each in registry.versions(model)]
    folders = {each.run_id: registry.fetch(each.model, each.version) for each in versions}
    return {
        run_id: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / MEGABYTE
        for run_id, folder in folders.items()
    }
