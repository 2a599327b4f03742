"""`pitwall data`: which sources feed the project, and what came from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pitwall.domain.params import Scalar
    from pitwall.domain.project import Project

app = typer.Typer(
    help="Choose the data sources and see what came from them.", no_args_is_help=True, rich_markup_mode=None
)


AcceptRemovals = Annotated[
    bool, typer.Option("--accept-removals", help="Keep it although races, or results of races, are gone from it.")
]


@app.command("use", epilog="Example: pitwall data use ergast --location ../shared/data/ergast")
def use(
    name: Annotated[str, typer.Argument(help="A data source: ergast, fastf1_laps, synthetic.")],
    location: Annotated[str | None, typer.Option(help="A folder, a zip file or an http(s) URL.")] = None,
    accept_removals: AcceptRemovals = False,
    json_file: JsonOption = None,
) -> None:
    """Check a data source by fetching from it, then write it to params.yaml; on any error nothing changes.

    A source of results (ergast, synthetic) replaces the one in use; a source of laps (fastf1_laps) is added to it.
    """
    from pitwall import wiring
    from pitwall.domain.project import find_project
    from pitwall.sources import with_source
    from pitwall.sources.machinery.stage import set_aside_lines

    project = find_project()
    where = _from_root(location, project)
    source, rows, aside, notes = _trial_fetch(project, name, where, accept_removals)
    before = wiring.params(project).sources
    after = with_source(wiring.params(project), source, where)
    _write_sources(project.params, after)
    screen = console(json_file)
    screen.print(f"{name} delivers {sum(rows.values()):,} rows in {len(rows)} files; params.yaml now names it.")
    for note in notes:
        screen.print(note)
    screen.print(*set_aside_lines(aside), sep="\n")
    dropped = [other for other in before if other not in after]
    if dropped:
        screen.print(f"no longer in use: {', '.join(dropped)} (snapshots already taken stay in data/raw)")
    if accept_removals:
        screen.print(f"keep a snapshot of it with: pitwall data ingest {name} --accept-removals")
    screen.print("bring the project up to date with: pitwall run race-weekend (or dvc repro)")
    payload = {"source": name, "location": where, "rows": rows, "set_aside": aside, "dropped": dropped, "notes": notes}
    write_json(payload, json_file)


@app.command("drop", epilog="Example: pitwall data drop fastf1_laps")
def drop(name: Annotated[str, typer.Argument(help="A source of laps that params.yaml names.")]) -> None:
    """Stop using a source of laps; its snapshots stay."""
    from pitwall import wiring
    from pitwall.domain.errors import UsageError
    from pitwall.domain.plugins import pick
    from pitwall.domain.project import find_project
    from pitwall.sources import chosen_sources

    project = find_project()
    params = wiring.params(project)
    source = pick("source in use", name, {each.name: each for each in chosen_sources(params)})
    if source.brings_results:
        raise UsageError(f"{name} brings the results, which a project needs; replace it with `pitwall data use NAME`.")
    _write_sources(project.params, {other: values for other, values in params.sources.items() if other != name})
    console(None).print(f"{name} is no longer in use; bring the project up to date with: dvc repro")


@app.command("ingest", epilog="Example: pitwall data ingest ergast --accept-removals")
def ingest(
    name: Annotated[str, typer.Argument(help="A source that params.yaml names.")],
    accept_removals: AcceptRemovals = False,
    json_file: JsonOption = None,
) -> None:
    """Ask one source for news now and keep a snapshot of it; the scheduled flow does the same for all sources."""
    from dataclasses import asdict

    from pitwall import wiring
    from pitwall.adapters.processes.lock import project_lock
    from pitwall.domain.project import find_project
    from pitwall.sources.machinery import stage

    project = find_project()
    with project_lock(project, "pitwall data ingest"):
        report = stage.ingest(project, wiring.params(project), name, accept_removals=accept_removals)
        wiring.data_versions(project).commit(f"ingest@{name}")
    screen = console(json_file)
    for line in report.lines():
        screen.print(line)
    screen.print("bring the project up to date with: pitwall run race-weekend (or dvc repro)")
    write_json(asdict(report), json_file)


@app.command("status", epilog="Example: pitwall data status --rows 3 --json status.json")
def status(
    rows: Annotated[int, typer.Option(min=0, help="Show so many of the lines set aside for each reason.")] = 0,
    json_file: JsonOption = None,
) -> None:
    """Show the sources, what the newest snapshot changed, the tables, and what was set aside or assumed."""
    from pitwall import wiring
    from pitwall.cli._data_status import show
    from pitwall.domain.project import find_project
    from pitwall.sources.machinery.overview.status import data_status

    project = find_project()
    payload = data_status(project, wiring.params(project), rows)
    show(console(json_file), payload)
    write_json(payload, json_file)


@app.command("undo", epilog="Example: pitwall data undo ergast")
def undo(
    name: Annotated[
        str | None, typer.Argument(help="A source in use; without one, the one that was fetched last.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All its snapshots, the only one included.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Take the newest snapshot of a source back; it is kept in .pitwall/undone."""
    from pitwall import wiring
    from pitwall.adapters.processes.lock import project_lock
    from pitwall.domain.errors import PitwallError
    from pitwall.domain.project import find_project
    from pitwall.sources.machinery.snapshots.undo import undo as run

    project = find_project()
    with project_lock(project, "data undo"):
        undone = run(project, wiring.params(project), name, everything=everything)
        stage = f"ingest@{undone.source}"
        try:
            if undone.left:  # DVC takes what is left for what the stage gave; with nothing left it fetches anew
                wiring.data_versions(project).commit(stage)
        except PitwallError:
            undone.take_forth()
            raise
    screen = console(json_file)
    moved = [there.relative_to(project.root).as_posix() for _, there in undone.moves]
    for path in moved:
        screen.print(f"{undone.source}: took {Path(path).name} back; it lies in {path}", soft_wrap=True)
    screen.print(f"snapshots left: {undone.left}. Bring the project up to date with: dvc repro")
    where = undone.location or "the embedded source"
    screen.print(
        f"the next ingest (pitwall run race-weekend, dvc repro ingest --force) fetches from {where} again: correct that first, "
        "or the same bytes come back.",
        soft_wrap=True,
    )
    back = f"mv {moved[-1]} data/raw/{undone.source}/ && dvc commit --force {stage}"
    screen.print(f"to bring it back: {back}", soft_wrap=True)
    write_json({"source": undone.source, "taken_back": moved, "left": undone.left, "bring_back": back}, json_file)


def _from_root(location: str | None, project: Project) -> str | None:
    """Return a local location as the stages will see it, from the project root; URLs stay as they are."""
    import os

    if location is None or "://" in location or Path(location).is_absolute():
        return location
    return os.path.relpath(Path(location).resolve(), project.root)


def _trial_fetch(
    project: Project, name: str, location: str | None, accept_removals: bool
) -> tuple[Any, dict[str, int], Mapping[str, int], list[str]]:
    """Fetch from the source with all checks; return it, rows per file, the lines that will be set aside, and what it does not read."""
    from pitwall import wiring
    from pitwall.domain.plugins import pick
    from pitwall.sources import sources
    from pitwall.sources.machinery.admission.vetting import try_source

    source = pick("source", name, sources())
    absolute = location if location is None or "://" in location else str((project.root / location).resolve())
    notes: list[str] = []
    rows, aside = try_source(project, wiring.params(project), source, absolute, notes, accept_removals=accept_removals)
    return source, rows, aside, notes


def _write_sources(path: Path, sources: Mapping[str, Mapping[str, Scalar]]) -> None:
    """Write the sources in use to params.yaml in one step, one line each, keeping comments and order."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.representer.add_representer(type(None), lambda r, _: r.represent_scalar("tag:yaml.org,2002:null", "null"))
    content: Any = yaml.load(path.read_text(encoding="utf-8"))
    section = content["sources"]
    for name in [name for name in section if name not in sources]:
        del section[name]
    for name, values in sources.items():
        if section.get(name) != values:
            section[name] = CommentedMap(values)
            section[name].fa.set_flow_style()
    fresh = path.with_suffix(".yaml.new")
    with fresh.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    fresh.replace(path)


COMMANDS = Commands((Group("data", app),), order=2)
