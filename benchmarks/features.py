"""What it costs to compute every feature from the canonical tables, and again after one more race.

The whole build has a limit of 90 s on two cores. The build after one more race takes up the last one; its peer is the
whole build in the same run, and both must write the same bytes. Rows go to `--json FILE`:
{work, subject, value, unit, peer, ratio}. `--small` runs on a tiny world that it makes itself.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from _meter import Meter
from _report import Row, options, report

from pitwall.domain.errors import PitwallError
from pitwall.domain.params import Params
from pitwall.domain.project import Project, find_project
from pitwall.domain.tables import Tables, load_tables, save_tables
from pitwall.domain.tables.specs import SPECS
from pitwall.features.machinery.stage import FeatureReport, build_features
from pitwall.testing.worlds.histories import without_races

LIMIT_S = 90.0


def measure(tables: Tables, params: Params, folder: Path, workers: int) -> list[Row]:
    """Return the rows of a whole build, of each group in it, and of a build after one more race."""
    whole, grown = Project(folder / "whole"), Project(folder / "grown")
    save_tables(tables, whole.tables)
    with Meter() as full:
        report = build_features(whole, params, workers)
    save_tables(without_last_race(tables), grown.tables)
    build_features(grown, params, workers)
    save_tables(tables, grown.tables)
    with Meter() as more:
        later = build_features(grown, params, workers)
    same = all(file.read_bytes() == (grown.features / file.name).read_bytes() for file in whole.features.iterdir())
    laps = f"{len(tables['results']):,} results, {len(tables['laps']) + len(tables['lap_times']):,} laps"
    work = f"features from tables, {len(report.made)} groups, {laps}, {workers} processes"
    rows = [
        _row(work, "wall time", full.wall, "s", ("limit", LIMIT_S)),
        _row(work, "CPU time", full.cpu, "s", ("wall time", full.wall)),
        _row(
            work, "peak memory of all processes", full.peak / 2**20, "MiB", ("that after one race", more.peak / 2**20)
        ),
        _row(f"{work}, one race more", "wall time", more.wall, "s", ("whole build", full.wall)),
        _row(f"{work}, one race more", "CPU time", more.cpu, "s", ("whole build", full.cpu)),
        _row(f"{work}, one race more", "bytes as of a whole build", float(same), "0/1", ("wanted", 1.0)),
    ]
    return rows + _groups(work, report, later)


def without_last_race(tables: Tables) -> Tables:
    """Return the tables as they were before the last race was run; the calendar announces it."""
    results = tables["results"].sort_values(["event_timestamp", "race_id"])
    return without_races(tables, [int(results["race_id"].iloc[-1])], calendar=False)


def _groups(work: str, report: FeatureReport, later: FeatureReport) -> list[Row]:
    return [
        _row(f"{work}, one race more", f"{name} ({now.how})", now.seconds, "s", ("whole", report.made[name].seconds))
        for name, now in later.made.items()
    ]


def _row(work: str, subject: str, value: float, unit: str, peer: tuple[str, float]) -> Row:
    name, theirs = peer
    return {
        "work": work,
        "subject": subject,
        "value": round(value, 3),
        "unit": unit,
        "peer": f"{name} ({theirs:.3g} {unit})",
        "ratio": round(value / theirs, 3),
    }


def main() -> None:
    """Parse the command line, measure, print."""
    parser = options(__doc__, "a tiny world, to see that it runs")
    parser.add_argument("--root", type=Path, help="a project whose tables to use; default: this one")
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 2))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(*_input(chosen), Path(folder), chosen.workers)
    report(rows, chosen.json)


def _input(chosen: argparse.Namespace) -> tuple[Tables, Params]:
    if chosen.small:
        from pitwall.testing.worlds.tiny import tiny_tables

        return tiny_tables(seasons=2, races=3, cars=6), Params()
    from pitwall.domain.params import load_params

    project = Project(chosen.root) if chosen.root else find_project()
    return load_tables(project.tables, list(SPECS)), load_params(project.params)


if __name__ == "__main__":
    try:
        main()
    except PitwallError as error:
        raise SystemExit(f"error: {error}") from error
