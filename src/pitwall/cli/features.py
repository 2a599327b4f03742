"""`pitwall features`: the catalogue of features, what one of them is, and how their values are spread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.report.content.intervals import number

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.domain.project import Project

app = typer.Typer(help="See which features there are and what they say.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list", epilog="Example: pitwall features list --set driver --stage pre_weekend")
def list_(
    feature_set: Annotated[str | None, typer.Option("--set", help="Only the groups of this feature set.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only features that may hold a value at this stage.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the whole catalogue as a Markdown page.")] = None,
    json_file: JsonOption = None,
) -> None:
    """List the features with unit, meaning and the stage from which they stand, and those that cannot be had."""
    from dataclasses import asdict

    from pitwall.features import feature_sets
    from pitwall.features.machinery.catalogue.entries import entries, page
    from pitwall.features.machinery.catalogue.unavailable import unavailable

    missing = unavailable(_project())
    names = {each.name for each in missing}
    found = [each for each in entries(feature_set, stage) if each.feature.name not in names]
    screen = console(json_file)
    rows = [(e.group.name, e.feature.name, e.feature.unit, e.feature.since, e.feature.meaning) for e in found]
    screen.print(table(f"{len(found)} features", ["group", "feature", "unit", "from", "meaning"], rows))
    screen.print(f"feature sets: {', '.join(feature_sets())}")
    absent = [(each.name, each.reason, each.needs) for each in missing]
    screen.print(table("Not available: the data cannot support them", ["feature", "why", "what it takes"], absent))
    write_json({"features": [e.row() for e in found], "unavailable": [asdict(each) for each in missing]}, json_file)
    if markdown is not None:
        markdown.write_text(page(), encoding="utf-8")


@app.command("describe", epilog="Example: pitwall features describe quali_trend")
def describe(
    name: Annotated[str, typer.Argument(help="A feature or a group of them, as `pitwall features list` names it.")],
    json_file: JsonOption = None,
) -> None:
    """Say what one feature is: unit, meaning, what a null means, from which stage, from which tables and module."""
    from dataclasses import asdict

    from pitwall.features.machinery.catalogue.entries import Entry, find, group_row
    from pitwall.features.machinery.catalogue.unavailable import Unavailable

    found = find(name, _project())
    available = not isinstance(found, Unavailable)
    row = (
        found.row()
        if isinstance(found, Entry)
        else asdict(found)
        if isinstance(found, Unavailable)
        else group_row(found)
    )
    said: dict[str, Any] = {"available": available, **row}
    screen = console(json_file)
    if not available:
        screen.print(f"{name} is not available: the data cannot support it.")
    lines = [(key, ", ".join(value) if isinstance(value, list) else value) for key, value in said.items()]
    screen.print(table(name, ["field", "value"], lines))
    write_json(said, json_file)


def _project() -> Project | None:
    """Return the project at hand, None outside of one: the catalogue is the same everywhere but for users' files."""
    from pitwall.domain.errors import ProjectNotFound
    from pitwall.domain.project import find_project

    try:
        return find_project(of_any_version=True)
    except ProjectNotFound:
        return None


@app.command("profile", epilog="Example: pitwall features profile --picture features.png")
def profile(
    picture: Annotated[Path | None, typer.Option(help="Also draw the histograms as a PNG file.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Summarise every built feature of this version of the data; kept in reports/features.json."""
    from pitwall.domain.project import find_project
    from pitwall.features.machinery.catalogue.profile import profile as run

    project = find_project()
    profiled = run(project)
    project.reports.mkdir(parents=True, exist_ok=True)
    write_json(profiled, str(project.reports / "features.json"))
    write_json(profiled, json_file)
    _show(console(json_file), profiled)
    if picture is not None:
        _draw(profiled, picture)


def _draw(profiled: dict[str, Any], path: Path) -> None:
    from pitwall.report.figures.canvas import write_png
    from pitwall.report.figures.histograms import Histogram, histograms

    features = profiled["features"]
    found = [
        Histogram(f"{row['name']} ({1 - row['nulls'] / max(row['count'], 1):.0%})", row["edges"], row["bins"])
        for row in features
    ]
    title = f"{len(features)} features of data {profiled['data'][:12]}; how many rows hold a value, in brackets"
    write_png(histograms(found, title), path)


def _show(screen: Console, profiled: dict[str, Any]) -> None:
    numbers = ["rows", "null", "mean", "sd", "1%", "median", "99%"]
    rows = [
        (
            row["name"],
            f"{row['count']:,}",
            f"{row['nulls'] / max(row['count'], 1):.0%}",
            *(number(value) for value in (row["mean"], row["sd"], *map(row["quantiles"].get, ("0.01", "0.5", "0.99")))),
        )
        for row in profiled["features"]
    ]
    screen.print(table(f"Features of data {profiled['data'][:12]}", ["feature", *numbers], rows, right=numbers))
    screen.print("kept in reports/features.json")


COMMANDS = Commands((Group("features", app),), order=3)
