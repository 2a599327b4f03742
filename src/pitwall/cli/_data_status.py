"""The screen of `pitwall data status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pitwall.cli._output import table
from pitwall.sources.machinery.beside import decided_lines
from pitwall.sources.machinery.canonical.new_teams import told
from pitwall.sources.machinery.comparing.precedence import Decided
from pitwall.workflows.browse.told import changes_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

RACES = 10  # of one kind that are named


def show(screen: Console, status: Mapping[str, Any]) -> None:
    """Print what `data_status` found."""
    for name, source in status["sources"].items():
        where = f" at {source['location']}" if source["location"] else " (embedded)"
        kept = source["snapshots"]
        where += f", beside the others: {source['beside']}" if "beside" in source else ""
        screen.print(f"source {name}{where}; snapshots: {len(kept)}, newest {(kept or ['none'])[-1]}")
        if "trouble" in source:
            screen.print(f"! {source['trouble']}", soft_wrap=True)
        if "changed" in source:
            _changes(screen, source["changed"])
    if not status["tables"]:
        screen.print("no tables yet; make them with: dvc repro tables")
    else:
        rows = [(name, f"{count:,}") for name, count in status["tables"].items()]
        screen.print(table("Tables", ["table", "rows"], rows, right=["rows"]))
    if status["outdated"]:
        screen.print("snapshots came or went after these tables were made; bring them up to date with: dvc repro")
    for title, name in (
        ("Set aside, with reasons (data/tables/quarantine.parquet)", "quarantine"),
        ("Not given or not readable, and read as something (the rows stay)", "assumed"),
    ):
        if counts := [(what, f"{count:,}") for what, count in status[name].items()]:
            screen.print(table(title, ["reason", "rows"], counts, right=["rows"]))
    for reason, rows in status["examples"].items():
        screen.print(reason)
        for row in rows:
            screen.print(f"  {json.dumps(row, ensure_ascii=False)}", markup=False, soft_wrap=True)
    for line in decided_lines(Decided(**each) for each in status.get("decided", [])):
        screen.print(line)
    for team in status["new_teams"]:
        screen.print(told(team), soft_wrap=True)


def _changes(screen: Console, changed: Mapping[str, Any]) -> None:
    if not changed["tables"] and not changed["columns"]:
        screen.print(f"  no line changed since {changed['since']}")
        return
    parts = changes_table(changed)
    screen.print(table(f"Lines changed since {changed['since']}", parts.columns, parts.rows, right=parts.numbers))
    for name, names in changed["columns"].items():
        told_of = "; ".join(f"{kind}: {', '.join(each)}" for kind, each in names.items() if each)
        screen.print(f"  columns of {name}: {told_of}", soft_wrap=True)
    for kind, races in changed["races"].items():
        for race in races[:RACES]:
            screen.print(f"  race {kind}: {race}", markup=False, soft_wrap=True)
        if len(races) > RACES:
            screen.print(f"  race {kind}: {len(races) - RACES} more")
