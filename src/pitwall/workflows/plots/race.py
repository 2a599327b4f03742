"""Pictures and tables of one race that was run: lap traces, places, stints, pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.domain.when import Stage
from pitwall.ml.data.calendar import find_race
from pitwall.ml.data.race_laps import story
from pitwall.ml.data.race_laps.driven import READS, driven_laps
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.race.pace import pace_figure
from pitwall.report.figures.race.positions import positions_figure
from pitwall.report.figures.race.stints import stints_figure
from pitwall.report.figures.race.traces import traces_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOLDER = "races"
DIGITS = 3  # of a second


@dataclass(frozen=True)
class RacePlots:
    """Pictures of one race and the tables that they are drawn from.

    Attributes:
        label: of the race, e.g. 2023-12.
        title: its name and season.
        figures: by name: traces, positions, stints (where stops are known), pace.
        tables: cars, laps, stints, pace; times in s.
    """

    label: str
    title: str
    figures: Mapping[str, Figure]
    tables: Mapping[str, pd.DataFrame]

    def save(self, folder: Path) -> list[Path]:
        """Write pictures as PNG and tables as CSV into a folder and return the files; the same race gives the same bytes."""
        files = [write_png(figure, folder / f"{name}.png") for name, figure in self.figures.items()]
        for name, table in self.tables.items():
            files.append(folder / f"{name}.csv")
            table.round(DIGITS).to_csv(files[-1], index=False, lineterminator="\n")
        return files


def race_plots(project: Project, label: str) -> RacePlots:
    """Return the pictures of a race from the project's tables.

    Args:
        project: with tables.
        label: e.g. 2023-12.

    Raises:
        UsageError: the label has another form, or there are no laps of the race; names races that have laps.
        UnknownName: there is no such race.
        TableError: the tables were not made yet.
    """
    tables = load_tables(project.tables, list(READS)).as_of()
    race = find_race(tables, label, Stage.PRE_RACE)
    laps = story.with_gaps(driven_laps(tables, race))
    cars, neutral = story.cars(tables, race.race_id, laps), story.neutralised(laps)
    free, stints = laps[story.free_laps(laps)], story.stints(laps)
    title = f"{race.name} {race.season}"
    known, seen = not stints.empty, (cars, neutral)
    figures = {
        "traces": traces_figure(laps, *seen, f"{title}: gap to the leader, in seconds"),
        "positions": positions_figure(laps, *seen, f"{title}: places"),
        **({"stints": stints_figure(stints, *seen, f"{title}: stints, in laps")} if known else {}),
        "pace": pace_figure(free, cars, f"{title}: pace, in seconds a lap", stops_known=known),
    }
    named = cars[["driver_id", "label"]].rename(columns={"label": "driver"})
    tables_of = {"laps": laps.assign(free=story.free_laps(laps)), "stints": stints, "pace": story.pace(laps)}
    shown = {name: named.merge(table, on="driver_id") for name, table in tables_of.items()}
    shown["pace"] = shown["pace"].sort_values(["median", "driver_id"], ignore_index=True)
    return RacePlots(race.label, title, figures, {"cars": cars, **shown})


def folder_of(project: Project, plots: RacePlots) -> Path:
    """Return where the pictures of a race lie unless somebody says otherwise."""
    return project.reports / FOLDER / plots.label
