"""`pw.plot_race`: pictures of a race for notebooks."""

from __future__ import annotations

from pitwall.domain.project import Project, find_project
from pitwall.workflows.plots.race import RacePlots, race_plots


def plot_race(label: str, project: Project | None = None) -> RacePlots:
    """Return lap traces, places, stints and pace of a race, as figures and as the tables that they are drawn from.

    Args:
        label: e.g. 2023-12.
        project: the one that we are in when None.

    Raises:
        UsageError: there are no laps of the race; names races that have laps.
        UnknownName: there is no such race.

    Example:
        `pw.plot_race("2023-12").figures["traces"]` shows itself at the end of a cell; `.save(folder)` writes all files.
    """
    return race_plots(project or find_project(), label)
