"""Rows in = rows out: every spine over every season through the project's own store, laps included, and what it costs.

Each spine goes in whole; what comes back must be the same rows in the same order, or the run fails. The peer of the rows
is the spine, that of the seconds is the first spine's. Rows go to `--json FILE`: {work, subject, value, unit, peer, ratio}.
`--small` runs on a tiny world that it makes itself.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from _meter import Meter
from _report import Row, options, report

from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.errors import PitwallError
from pitwall.domain.params import Params
from pitwall.domain.project import Project, find_project
from pitwall.domain.tables import load_tables, save_tables
from pitwall.features import feature_sets
from pitwall.features.machinery.stage import build_features
from pitwall.ml.models.machinery.frames import check_frame
from pitwall.ml.rows import row_kind
from pitwall.testing.checks.features import copy_feature_repo


def measure(project: Project) -> list[Row]:
    """Return for each spine the rows that came back, beside those that went in, and the seconds.

    Raises:
        FrameError: a row was lost, doubled or moved.
    """
    kinds = [row_kind("race_driver"), row_kind("lap")]
    tables = load_tables(project.tables, sorted({table for kind in kinds for table in kind.reads}))
    store = FeastStore(project)
    asked = [(kind, stage) for kind in kinds for stage in kind.stages]
    rows: list[Row] = []
    first = None
    for kind, stage in asked:
        spine = kind.spine(tables, stage)
        with Meter() as meter:
            frame = store.historical(spine, "all")
        check_frame(spine, frame, kind)
        first = first or meter.wall
        seasons = f"{spine['season'].min()}-{spine['season'].max()}"
        features = sum(len(group.names) for group in feature_sets()["all"])
        work = f"{kind.nouns[1]} at {stage}, seasons {seasons}, {features} features"
        rows.append(_row(work, "rows out", len(frame), "rows", ("rows in", len(spine))))
        rows.append(_row(work, "wall time", meter.wall, "s", ("the first spine", first)))
    return rows


def _row(work: str, subject: str, value: float, unit: str, peer: tuple[str, float]) -> Row:
    name, theirs = peer
    ratio = round(value / theirs, 3) if theirs else None
    return {"work": work, "subject": subject, "value": round(value, 3), "unit": unit, "peer": name, "ratio": ratio}


def main() -> None:
    """Parse the command line, measure, print."""
    parser = options(__doc__, "a tiny world, to see that it runs")
    parser.add_argument("--root", type=Path, help="a project whose features are built; default: this one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(_project(chosen, Path(folder)))
    report(rows, chosen.json)


def _project(chosen: argparse.Namespace, folder: Path) -> Project:
    if not chosen.small:
        return Project(chosen.root) if chosen.root else find_project()
    from pitwall.testing.worlds.tiny import tiny_tables

    project, checkout = Project(folder), Project(Path(__file__).resolve().parents[1])
    shutil.copy(checkout.params, project.params)
    copy_feature_repo(project, checkout)
    save_tables(tiny_tables(seasons=2, races=3, cars=6), project.tables)
    build_features(project, Params(), workers=1)
    return project


if __name__ == "__main__":
    try:
        main()
    except PitwallError as error:
        raise SystemExit(f"error: {error}") from error
