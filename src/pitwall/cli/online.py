"""`pitwall features materialise` and `skew`: fill the online store, and hold what it served against the offline join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import Console

    from pitwall.domain.project import Project
    from pitwall.ml.skew import SkewReport


def materialise(
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="A cut-off, UTC. Default: the start of the next race's first practice, or what is served already.",
        ),
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Bring the online store forward to what a cut-off may see; only rows that changed are written.

    A forecast does this by itself for its own cut-off; done before, it has less to write then. The store never goes back.
    """
    from pitwall import wiring
    from pitwall.adapters.lock import project_lock
    from pitwall.domain.project import find_project

    project = find_project()
    with project_lock(project, "pitwall features materialise"):
        cutoff = _due(project) if until is None else _instant(until)
        served = wiring.feature_reader(project).materialise(cutoff)
    console(json_file).print(
        f"the online store serves what was known before {served.until:%Y-%m-%d %H:%M} UTC; "
        f"its newest row became known at {served.known:%Y-%m-%d %H:%M}."
    )
    write_json({"until": served.until.isoformat(), "known": served.known.isoformat()}, json_file)


def skew(
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what was served at this time (UTC) or later.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Replay the online vectors that forecasts were made from against the offline join; any difference is an error.

    Values are compared bit by bit, as of what was known when they were served.
    """
    from pitwall import wiring
    from pitwall.adapters.lock import project_lock
    from pitwall.domain.project import find_project
    from pitwall.domain.world import world
    from pitwall.ml.served import read_served
    from pitwall.ml.skew import replay

    project = find_project()
    log = read_served(project, None if since is None else _instant(since))
    with project_lock(project, "pitwall features skew"):
        report = replay(log, wiring.feature_reader(project), world(wiring.params(project)))
    _show(report, console(json_file))
    write_json(report.to_dict(), json_file)
    if report.differing:
        raise typer.Exit(1)


def _show(report: SkewReport, screen: Console) -> None:
    if report.features:
        counts = [(each.feature, f"{each.compared:,}", f"{each.differing:,}") for each in report.features]
        screen.print(table("Online against offline, tolerance 0", ["feature", "compared", "differing"], counts))
    if report.offences:
        columns = ["feature", "race", "model", "served", "car", "online", "offline"]
        rows = [
            (each.feature, each.race, each.model, each.served_at, _car(each.keys), each.online, each.offline)
            for each in report.offences
        ]
        screen.print(table("The first values that differ", columns, rows))
    screen.print(
        f"{report.vectors} served vector sets with {report.rows} cars: {report.compared:,} values compared, "
        f"{report.differing:,} differ."
    )
    if report.foreign:
        screen.print(f"left out: {report.foreign} served from another data source.")
    if report.gone:
        screen.print(f"not compared, as they no longer exist: {', '.join(report.gone)}.")


def _car(keys: Mapping[str, int]) -> str:
    return " ".join(f"{name.removesuffix('_id')} {value}" for name, value in keys.items())


def _instant(text: str) -> pd.Timestamp:
    import pandas as pd

    from pitwall.domain.errors import UsageError

    try:
        return pd.to_datetime(text, utc=True)
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no time; write it like 2024-12-08T13:00, in UTC.") from None


def _due(project: Project) -> pd.Timestamp:
    """Return the earliest cut-off of the next race, as a later one would refuse the forecasts of earlier stages.

    Where the store is further on already, it stays there, and what has been corrected since is written.
    """
    from pitwall.adapters._feast_online import OnlineState
    from pitwall.domain.errors import FeatureError
    from pitwall.domain.tables import load_tables
    from pitwall.ml.races import next_race

    race = next_race(load_tables(project.tables, ["races", "results"]), "pre_weekend")
    if race is None:
        raise FeatureError("the data hold no race without results; say up to when: `--until TIME`.")
    state = OnlineState(project)
    state.prepare()
    return race.cutoff if state.served is None else max(race.cutoff, state.served.until)
