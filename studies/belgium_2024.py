"""Who won in Belgium in 2024? It depends on when you ask. Two snapshots, played through the real chain.

    python studies/belgium_2024.py [--data ERGAST_FOLDER] [--json FILE]

George Russell won on the road and was disqualified that evening, because his car was too light; Lewis Hamilton moved up.
The first snapshot is the real dump with that race as it stood on the road, fetched on the evening; the second is the dump
as it is, fetched on Monday. Without `--data` the same happens to the last winner of the embedded world.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, save_tables
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.features.machinery.stage import build_features
from pitwall.ml.rows import row_kind
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing.checks.features import copy_feature_repo

REPO = Project(Path(__file__).resolve().parents[1])
BELGIUM, RUSSELL, FIRST_SEASON = 1134, 847, 2022
POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)
NULL = "\\N"
SHOWN = ["driver_last_place", "driver_place_mean", "driver_points_share", "championship_place"]
Dump = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Story:
    """What the chain says.

    Attributes:
        seen: driver, cut-off, and what a forecast at that cut-off sees of them.
        frames: stage, rows with a cut-off before the correction, and whether they are the same bytes after it.
        versions: results rows of the race after the correction, by whether the later snapshot changed them.
    """

    seen: pd.DataFrame
    frames: pd.DataFrame
    versions: dict[str, int]


def play(road: Dump, official: Dump, race: int, winner: int, folder: Path) -> Story:
    """Fetch the race as it stood on the road on Sunday evening and as it stands officially on Monday, and ask."""
    start = pd.Timestamp(_instant(road["races"], race), tz="UTC")
    evening, monday = start + pd.Timedelta("5h30min"), start.normalize() + pd.Timedelta("1D9h")
    project = _project(folder)
    first = _snapshot(road, folder, evening)
    then, _ = _joined(project, [first], None)
    second = _snapshot(official, folder, monday, first)
    asked = {"Sunday 20:00": start.normalize() + pd.Timedelta("20h"), "Monday 12:00": monday + pd.Timedelta("3h")}
    now, tables = _joined(project, [first, second], monday)
    heir = _winner(official, race)
    seen = _ask(project, tables, race, {winner: "won on the road", heir: "won officially"}, asked)
    same = [
        {"stage": stage, "rows": len(rows), "same_bytes": _bytes(rows) == _bytes(_before(then[stage], monday))}
        for stage, rows in now.items()
    ]
    lines = tables["results"].query("race_id == @race")["known_estimated"]
    return Story(seen, pd.DataFrame(same), {"first": int(lines.sum()), "corrected": int((~lines).sum())})


def real(data: Path) -> tuple[Dump, Dump]:
    """Return Belgium 2024 on the road and officially, each with the seasons from 2022 up to that race."""
    races = _read(data / "races.csv")
    races = races[races["year"].astype(int) >= FIRST_SEASON]
    day = races.loc[races["raceId"] == str(BELGIUM), "date"].iloc[0]
    run = set(races.loc[races["date"] <= day, "raceId"])
    official = {path.name.split(".")[0]: _read(path) for path in sorted(data.glob("*.csv*"))}
    official = {n: table[table["raceId"].isin(run)] if "raceId" in table else table for n, table in official.items()}
    official["races"] = races
    return reordered(official, BELGIUM, first=RUSSELL), official


def embedded(folder: Path) -> tuple[Dump, Dump, int, int]:
    """Return the embedded world's last race on the road and officially, its id, and who is disqualified."""
    folder.mkdir()
    fetch(None, SyntheticSettings(seasons=2, teams=4, races=6), folder)
    road = {path.stem: _read(path) for path in sorted(folder.glob("*.csv"))}
    race = int(road["results"]["raceId"].iloc[-1])
    winner = _winner(road, race)
    return road, reordered(road, race, last=winner), race, winner


def reordered(dump: Dump, race: int, first: int | None = None, last: int | None = None) -> Dump:
    """Return the dump with one driver of a race put first, or disqualified, and the points and standings that follow."""
    results = dump["results"].copy()
    lines = results[results["raceId"] == str(race)].copy()
    order = lines["positionOrder"].astype(int)
    bonus = lines["points"].astype(float) - order.map(_points)
    moved = lines["driverId"] == str(first or last)
    order = order.mask(moved, 0 if first else 1000).rank(method="first").astype(int)
    classified = (lines["position"] != NULL) | (moved & (first is not None))
    text = order.astype(str).where(classified & ~(moved & (last is not None)))
    points = order.map(_points) * text.notna() + bonus.where(~moved & (order <= len(POINTS)), 0.0)
    gained = points - lines["points"].astype(float)
    lines["position"], lines["positionOrder"] = text.fillna(NULL), order.astype(str)
    lines["positionText"] = text.fillna(lines["positionText"].where(~moved, "D"))
    lines["statusId"] = lines["statusId"].where(~moved, "1" if first else "2")
    lines["points"] = points.map("{:g}".format)
    results.loc[lines.index] = lines
    per = {key: gained.groupby(lines[key]).sum() for key in ("driverId", "constructorId")}
    standings = {
        name: _standing(dump[name], race, key, per[key])
        for name, key in (("driver_standings", "driverId"), ("constructor_standings", "constructorId"))
    }
    return {**dump, "results": results, **standings}


def _winner(dump: Dump, race: int) -> int:
    lines = dump["results"]
    return int(lines.loc[(lines["raceId"] == str(race)) & (lines["positionOrder"] == "1"), "driverId"].iloc[0])


def _points(place: int) -> float:
    return float(POINTS[place - 1]) if place <= len(POINTS) else 0.0


def _standing(table: pd.DataFrame, race: int, key: str, gained: pd.Series) -> pd.DataFrame:
    whole = table.copy()
    rows = whole[whole["raceId"] == str(race)].copy()
    points = rows["points"].astype(float) + rows[key].map(gained).fillna(0.0)
    place = pd.DataFrame({"points": -points, "before": rows["position"].astype(int)})
    rows["position"] = place.apply(tuple, axis=1).rank(method="first").astype(int).astype(str)
    rows["positionText"], rows["points"] = rows["position"], points.map("{:g}".format)
    whole.loc[rows.index] = rows
    return whole


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _instant(races: pd.DataFrame, race: int) -> str:
    row = races[races["raceId"] == str(race)].iloc[0]
    return f"{row['date']} {row['time'].replace(NULL, '13:00:00').removesuffix('Z')}"


def _project(folder: Path) -> Project:
    project = Project(folder / "project")
    project.root.mkdir()
    shutil.copy(REPO.params, project.params)
    copy_feature_repo(project, REPO)
    return project


def _snapshot(dump: Dump, folder: Path, fetched: pd.Timestamp, previous: Snapshot | None = None) -> Snapshot:
    source = folder / f"dump-{fetched:%Y%m%dT%H%M}"
    source.mkdir()
    for name, table in dump.items():
        table.to_csv(source / f"{name}.csv", index=False)
    now: datetime = fetched.to_pydatetime()
    taken = take_snapshot(SOURCE, str(source), ErgastSettings(), folder / "raw", now=now, previous=previous)
    assert taken is not None, "the second snapshot must be news"
    return taken


def _joined(
    project: Project, snapshots: list[Snapshot], before: pd.Timestamp | None
) -> tuple[dict[str, pd.DataFrame], Tables]:
    """Return the frames of all stages from some snapshots, up to a cut-off, and the tables."""
    tables = Tables(build_tables(snapshots, Params().time).tables)
    save_tables(tables, project.tables)
    build_features(project, Params())
    store = FeastStore(project)
    frames = {stage: store.historical(row_kind("race_driver").spine(tables, stage), "order") for stage in CUTOFF_COLUMN}
    return {str(stage): frame if before is None else _before(frame, before) for stage, frame in frames.items()}, tables


def _before(frame: pd.DataFrame, instant: pd.Timestamp) -> pd.DataFrame:
    return frame[frame["cutoff"] < instant].reset_index(drop=True)


def _bytes(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _ask(
    project: Project, tables: Tables, race: int, who: dict[int, str], when: dict[str, pd.Timestamp]
) -> pd.DataFrame:
    """Return what forecasts of the next race see of some drivers at some cut-offs."""
    races = tables.as_of()["races"].sort_values("starts_at", ignore_index=True)
    following = races.iloc[int((races["race_id"] == race).to_numpy().argmax()) + 1]
    cars = tables["entries"].query("race_id == @race").drop_duplicates("driver_id").set_index("driver_id")
    facts = {name: following[name] for name in ("race_id", "circuit_id", "season", "round")}
    asked = [
        {**facts, "driver_id": driver, "constructor_id": cars["constructor_id"][driver], "cutoff": cutoff}
        for cutoff in when.values()
        for driver in who
    ]
    spine = pd.DataFrame(asked)[list(row_kind("race_driver").columns)].astype({"cutoff": "datetime64[us, UTC]"})
    seen = FeastStore(project).historical(spine, "order")[SHOWN]
    labels = [(name, who[driver], driver) for name in when for driver in who]
    return pd.concat([pd.DataFrame(labels, columns=["cutoff", "who", "driver_id"]), seen], axis=1)


def main() -> None:
    """Play the story and print what is seen when."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the real Ergast dump; default: the embedded world")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        story = told(chosen.data, Path(name))
    print(story.seen.to_string(index=False, float_format="{:.3g}".format))
    print(story.frames.to_string(index=False))
    print(
        f"lines of the race's results: {story.versions['first']} first versions, {story.versions['corrected']} corrected"
    )
    if chosen.json:
        content: dict[str, Any] = {"seen": story.seen.to_dict("records"), "frames": story.frames.to_dict("records")}
        chosen.json.write_text(json.dumps({**content, "versions": story.versions}, indent=1) + "\n", encoding="utf-8")


def told(data: Path | None, folder: Path) -> Story:
    """Return the story of the real race, or that of the embedded world."""
    if data is not None:
        return play(*real(data), BELGIUM, RUSSELL, folder)
    return play(*embedded(folder / "world"), folder)


if __name__ == "__main__":
    main()
