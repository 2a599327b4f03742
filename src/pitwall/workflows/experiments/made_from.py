"""What a run was made from: its parameters, and its manifest section by section."""

from __future__ import annotations

from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import RunRecord
from pitwall.report.content.blocks import Block, Fold, Table, Text
from pitwall.tracking.manifest import of_run
from pitwall.workflows.experiments.fields import sections
from pitwall.workflows.workspace import Workspace

SHOWN = ("code", "data", "seeds")  # the first that people look for: open


def manifest(workspace: Workspace, record: RunRecord) -> tuple[Block, ...]:
    """Return the manifest of a run, section by section; of one that has none, why that may be."""
    try:
        found = of_run(workspace.runs, record.run_id)
    except TrackingError as error:
        return (Text(str(error)),)
    return tuple(
        Fold(name, (Table(("field", "value"), tuple(lines)),), f"{len(lines)}", open=name in SHOWN)
        for name, lines in sections(found)
    )


def parameters(record: RunRecord) -> Block:
    """Return the parameters that a run was given, and those that a search found."""
    rows = tuple((name, record.params[name]) for name in sorted(record.params))
    return Table(("parameter", "value"), rows) if rows else Text("It was given none.")
