"""`pitwall registry`, the reading half: which versions there are, what was decided about them, and whether that is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli._registry import JudgedModel
from pitwall.report.content.intervals import interval, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

app = typer.Typer(
    help="See, compare and move model versions; their history is chained.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list", epilog="Example: pitwall registry list race_winner")
def list_(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="A model or a template; all models when left out.")
    ] = None,
    all_metrics: Annotated[
        bool, typer.Option("--all-metrics", help="Also a table of every metric, a column for each version.")
    ] = False,
    json_file: JsonOption = None,
) -> None:
    """List the versions of a model with stage, estimator, metrics on the same races, latency and data."""
    from pitwall.ml.models.machinery.names import trained_names
    from pitwall.ml.templates import answered_by
    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    workspace = Workspace()
    found = []
    for name in [model] if model else trained_names(workspace.params, workspace.project):
        job = workspace.job(name)
        described = registry.list_versions(workspace, name)
        found += described
        losses = {template.name: f"{template.name}.{template.loss}" for template in answered_by(job.model)}
        rows = [_row(each.row(), losses.values()) for each in described]
        numbers = [*(key.replace(".", " ") for key in losses.values()), "ms"]
        columns = ["version", "stage", "estimator", *numbers, "trained on", "data"]
        screen = console(json_file)
        screen.print(table(f"{len(rows)} versions of {job.name}", columns, rows, right=numbers))
        if all_metrics and described:
            screen.print(_all_metrics(job.name, [each.row() for each in described]))
        for each in described:
            if each.note:
                screen.print(f"! version {each.version}: {each.note}", soft_wrap=True)
    write_json({"versions": [each.row() for each in found]}, json_file)


@app.command("show", epilog="Example: pitwall registry show race_winner@champion")
def show(
    reference: Annotated[
        str, typer.Argument(metavar="NAME@ALIAS", help="Or NAME@VERSION; a bare NAME is its champion.")
    ],
    json_file: JsonOption = None,
) -> None:
    """Show one version: metrics, data, provenance, approvals, the gates' last verdicts and its rows of the history."""
    from pitwall.cli._output import show_verdicts
    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        version = registry.find_version(workspace, reference)
        found, known = registry.show(workspace, version)
    described = found.row()
    screen = console(json_file)
    facts = [(key, _text(value)) for key, value in described.items() if key not in {"metrics", "counted"}]
    screen.print(table(f"{version.model} version {version.version}", ["field", "value"], facts))
    screen.print(table("metrics", ["metric", "mean"], [(k, number(v)) for k, v in described["metrics"].items()]))
    shares = [(key, interval(each)) for key, each in described["counted"].items()]
    if shares:
        screen.print(table("accuracy and F1", ["metric", "of all races"], shares))
    for text in registry.counting_rules(version):
        screen.print(text, soft_wrap=True)
    screen.print(table("provenance", ["tag", "value"], list(known["provenance"].items())))
    if known["verdicts"]:
        show_verdicts(screen, f"version {version.version}", known["verdicts"])
    screen.print(_history_table("history", known["history"]))
    write_json({**described, **known}, json_file)


@app.command("compare", epilog="Example: pitwall registry compare race_winner previous champion")
def compare(
    model: JudgedModel,
    first: Annotated[str, typer.Argument(metavar="V1", help="A version number or an alias.")],
    second: Annotated[str, typer.Argument(metavar="V2", help="A version number or an alias.")],
    json_file: JsonOption = None,
) -> None:
    """Compare two versions on the races that both were judged on; the better one is named where the interval allows it."""
    from pitwall.workflows import registry
    from pitwall.workflows.versions.told import difference_table
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        job = workspace.job(model)
        versions = [registry.version_of(workspace, model, text) for text in (first, second)]
        found = registry.compare_versions(workspace, model, versions)
    names = (f"version {versions[0].version}", f"version {versions[1].version}")
    shown = difference_table(found, names, {each.version: f"version {each.version}" for each in versions})
    rows = [each.row() for each in found]
    screen = console(json_file)
    screen.print(table(f"{job.name}: {names[1]} - {names[0]}", shown.columns, shown.rows, right=(*names, "delta")))
    versioned = [{**row, "versions": [each.version for each in versions]} for row in rows]
    write_json({"model": job.name, "versions": [each.version for each in versions], "rows": versioned}, json_file)


@app.command("history", epilog="Example: pitwall registry history race_winner --json history.json")
def history(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="A model or a template; all models when left out.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Show what was decided, by whom, when and why, oldest first."""
    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        rows = registry.rows(workspace, model)
    console(json_file).print(_history_table(f"{len(rows)} rows of mlruns/promotions.jsonl", rows))
    write_json({"rows": rows}, json_file)


@app.command("verify", epilog="Example: pitwall registry verify --json -")
def verify(json_file: JsonOption = None) -> None:
    """Check the chain of the history against itself and the registry; exit code 1 if anything was changed."""
    from dataclasses import asdict

    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found, rows = registry.verify(workspace), registry.rows(workspace)
    screen = console(json_file)
    for each in found:
        screen.print(f"! {each.reason}", soft_wrap=True)
    last = rows[-1].get("hash", "none") if rows else "none"
    screen.print(f"{len(rows)} rows, {len(found)} findings; newest hash {last}", soft_wrap=True)
    write_json({"rows": len(rows), "head": last, "breaks": [asdict(each) for each in found]}, json_file)
    if found:
        raise typer.Exit(1)


@app.command("who-served", epilog="Example: pitwall registry who-served --race 2024-06 --at 2024-05-05T19:00Z")
def who_served(
    race: Annotated[str, typer.Option(help="Season and round, e.g. 2024-06.")],
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="With a time zone; now when left out.")] = None,
    model: Annotated[str, typer.Option(help="A model or a template.")] = "order-pre_race",
    json_file: JsonOption = None,
) -> None:
    """Say which version was champion at an instant, and which one's forecast was stored for a race by then."""
    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        answer = registry.served_by(workspace, model, race, at).row()
    screen = console(json_file)
    columns = ["what", "version", "since / at", "where", "why / provenance"]
    champion = answer["champion"]
    rows = (
        [("champion", champion["version"], champion["since"], f"row {champion['seq']}", _reign(champion))]
        if champion
        else []
    )
    rows += [_spoken(each, "forecast") for each in [answer["forecast"]] if each]
    rows += [_spoken(each, "vectors") for each in answer["served"]]
    rows += [_spoken(each, "forecast, later") for each in answer["later"]]
    screen.print(table(f"{answer['model']}, race {answer['race']}, at {answer['at']}", columns, rows))
    for remark in answer["remarks"]:
        screen.print(f"! {remark}", soft_wrap=True)
    if answer["forecast"] is None:
        screen.print("no forecast of that race had been stored by then")
    write_json(answer, json_file)


def _all_metrics(name: str, versions: Sequence[Mapping[str, Any]]) -> Any:
    """Return the table of every metric, those of the questions first, then accuracy and F1 where a question has none of its own."""
    values = [{**{key: each["value"] for key, each in row["counted"].items()}, **row["metrics"]} for row in versions]
    keys = dict.fromkeys(key for row in versions for part in ("metrics", "counted") for key in row[part])
    columns = ["metric", *(f"version {row['version']}" for row in versions)]
    rows = [(key, *(number(value.get(key)) for value in values)) for key in keys]
    return table(f"metrics of {name}", columns, rows, right=columns[1:])


def _row(each: Mapping[str, Any], losses: Iterable[str]) -> tuple[Any, ...]:
    return (
        each["version"],
        ", ".join(each["aliases"]) or each["stage"],
        each["estimator"] + (" (baseline)" if each["role"] == "baseline" else ""),
        *(number(each["metrics"].get(name)) for name in losses),
        number(each["latency_ms"]),
        "-".join(map(str, each["trained_on"])),
        each["data"][:8],
    )


def _history_table(title: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    from pitwall.workflows.versions.told import decision_table

    shown = decision_table(rows)
    return table(title, shown.columns, shown.rows, right=shown.numbers)


def _reign(champion: Mapping[str, Any]) -> str:
    until = f", until {champion['until']}" if champion["until"] else ""
    return f"{champion['kind']} by {champion['by']}: {champion['why']}{until}"


def _spoken(each: Mapping[str, Any], what: str) -> tuple[Any, ...]:
    told = {key: each["provenance"].get(key, "")[:12] for key in ("git.commit", "model.content", "frame.md5")}
    words = ", ".join(f"{key} {value}" for key, value in told.items() if value)
    if what == "vectors":
        words = ", ".join(f"{key} {value}" for key, value in each["provenance"].items())
    return (what, each["version"], each["at"], each["file"], words)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "not measured" if value is None else str(value)


COMMANDS = Commands((Group("registry", app),), order=11)
