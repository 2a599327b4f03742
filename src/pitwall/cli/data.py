"""`pitwall data`: which source feeds the project, and what came from it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from pitwall.domain.project import Project

app = typer.Typer(help="Choose the data source and see what came from it.", no_args_is_help=True, rich_markup_mode=None)


@app.command("use", epilog="Example: pitwall data use ergast --location ../shared/data/ergast")
def use(
    name: Annotated[str, typer.Argument(help="A data source: ergast, synthetic.")],
    location: Annotated[str | None, typer.Option(help="A folder, a zip file or an http(s) URL.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Check a data source by fetching from it, then write it to params.yaml; on any error nothing changes."""
    from pitwall.domain.project import find_project

    project = find_project()
    where = _from_root(location, project)
    rows = _trial_fetch(project, name, where)
    _write_source(project.params, name, where)
    screen = console(json_file)
    screen.print(f"{name} delivers {sum(rows.values()):,} rows in {len(rows)} files; params.yaml now names it.")
    screen.print("bring the project up to date with: pitwall run race-weekend (or dvc repro)")
    write_json({"source": name, "location": where, "rows": rows}, json_file)


@app.command("status", epilog="Example: pitwall data status --json -")
def status(json_file: JsonOption = None) -> None:
    """Show the source, its snapshots, the tables and what was set aside."""
    from pitwall import wiring
    from pitwall.domain.project import find_project

    project = find_project()
    source = wiring.params(project).source
    payload: dict[str, Any] = {
        "source": source.name,
        "location": source.location,
        **_snapshots(project),
        **_tables(project),
    }
    screen = console(json_file)
    screen.print(f"source {source.name}" + (f" at {source.location}" if source.location else " (embedded)"))
    screen.print(f"snapshots: {len(payload['snapshots'])}, newest {(payload['snapshots'] or ['none'])[-1]}")
    if not payload["tables"]:
        screen.print("no tables yet; make them with: dvc repro tables")
    else:
        rows = [(name, f"{count:,}") for name, count in payload["tables"].items()]
        screen.print(table("Tables", ["table", "rows"], rows, right=["rows"]))
    reasons = [(reason, f"{count:,}") for reason, count in payload["quarantine"].items()]
    if reasons:
        screen.print(table("Set aside, with reasons (data/tables/quarantine.parquet)", ["reason", "rows"], reasons))
    write_json(payload, json_file)


def _from_root(location: str | None, project: Project) -> str | None:
    """Return a local location as the stages will see it, from the project root; URLs stay as they are."""
    import os

    if location is None or "://" in location or Path(location).is_absolute():
        return location
    return os.path.relpath(Path(location).resolve(), project.root)


def _trial_fetch(project: Project, name: str, location: str | None) -> dict[str, int]:
    """Fetch from the source into a temporary folder with all checks; return the rows per file."""
    from pitwall import wiring
    from pitwall.domain.plugins import pick
    from pitwall.sources import sources
    from pitwall.sources._snapshots import fetch_checked

    source = pick("source", name, sources())
    absolute = location if location is None or "://" in location else str((project.root / location).resolve())
    with tempfile.TemporaryDirectory() as folder:
        rows: dict[str, int] = fetch_checked(source, absolute, source.settings(wiring.params(project)), Path(folder))
    return rows


def _write_source(path: Path, name: str, location: str | None) -> None:
    """Write the source to params.yaml in one step, keeping comments and order."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 200
    yaml.representer.add_representer(type(None), lambda r, _: r.represent_scalar("tag:yaml.org,2002:null", "null"))
    content: Any = yaml.load(path.read_text(encoding="utf-8"))
    content["source"]["name"], content["source"]["location"] = name, location
    fresh = path.with_suffix(".yaml.new")
    with fresh.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    fresh.replace(path)


def _snapshots(project: Project) -> dict[str, list[str]]:
    from pitwall import wiring

    folder = project.raw / wiring.params(project).source.name
    found = (
        sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")) if folder.is_dir() else []
    )
    return {"snapshots": found}


def _tables(project: Project) -> dict[str, dict[str, int]]:
    """Return rows per table from the parquet footers, and the counts of what was set aside by reason."""
    import pandas as pd
    import pyarrow.parquet as pq

    files = sorted(project.tables.glob("*.parquet")) if project.tables.is_dir() else []
    rows = {path.stem: int(pq.read_metadata(path).num_rows) for path in files}
    reasons: dict[str, int] = {}
    if rows.pop("quarantine", 0):
        kept = pd.read_parquet(project.tables / "quarantine.parquet", columns=["table", "reason"])
        counts = (kept["table"] + ": " + kept["reason"]).value_counts().sort_index()
        reasons = {str(reason): int(count) for reason, count in counts.items()}
    return {"tables": rows, "quarantine": reasons}
