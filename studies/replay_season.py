"""Is every forecast of a season recorded before its session, scored when the result is known, and never changed?

    python studies/replay_season.py [--small] [--json FILE] [--docs docs/replay.md]
    python studies/replay_season.py --real ERGAST_FOLDER --docs docs/replay.md

A project lives through a season on the days on which something becomes public, each day with `now` (docs/replay.md), by the flow that is
scheduled, against one Prefect server: on the evening of a race it ingests, scores what was said of it and forecasts the next one before its weekend;
half an hour before a race it forecasts it on the grid. On three evenings it trains, judges and promotes as well. The record's head is noted after each day.
One weekend is left out; it must be recorded as missed, and nothing else may be. The season is the synthetic world's; with `--real` it is 2024, cut out
of a real dump as it read at each instant (`_season_cut`). What is counted comes from the record alone; the study ends with 1 where a claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd
from _report import markdown, options, report
from _season_cut import Cut, cut, load, write

from pitwall.adapters.processes.prefect_server import prefect_server
from pitwall.domain.project import Project
from pitwall.domain.records.track_record import read_rows, scores, standing
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world import World
from pitwall.testing.worlds.project import TinyProject, make_project
from pitwall.workflows.record import look
from pitwall.workflows.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[1]
STAGES = ("pre_weekend", "pre_race")
ASKED = "race_winner"
WITHOUT = "without a score"  # stages of a race whose winner was none of the cars that were forecast
HEADS = "heads.json"  # beside the project: those that were noted on the way
EVENING, BEFORE = timedelta(hours=6), timedelta(minutes=30)
FIRST = 2014  # season of the real dump
WINTER = timedelta(days=10)  # before the first race
SETTINGS: dict[str, dict[str, Any]] = {
    "models": {"order": {"estimator": "conditional_logit", "first_season": 2010, "stages": list(STAGES)}},
    "training": {"held_out_seasons": 4, "validation_seasons": 1},
    "tuning": {"trials": 2, "startup_trials": 1, "pruner_warmup_rounds": 10},
    "gates": {"bootstrap_draws": 1000},
}
SMALL: dict[str, dict[str, Any]] = {**SETTINGS, "training": {"held_out_seasons": 1, "validation_seasons": 1}}


@dataclass(frozen=True)
class Day:
    """A day on which the flow runs: when, how many races were run by then, what is public of the next one, and whether it trains."""

    now: datetime
    run: int
    moment: str
    train: bool = False


class Synthetic:
    """The embedded world: a season of some races, looked at at any moment of it."""

    season = 2024

    def __init__(self, seasons: int, teams: int, races: int) -> None:
        self.size = {"seasons": seasons, "teams": teams, "races": races, "laps_seasons": 0}
        self.size["first_season"] = self.season - seasons + 1
        calendar = World(SyntheticSettings(**self.size)).history.calendar
        self.starts = [calendar[self.season * 100 + number].start for number in range(1, races + 1)]

    def show(self, project: TinyProject, day: Day) -> None:
        """Let the project's source hold what was public."""
        project.set({"sources": {"synthetic": {**self.size, "rounds_run": day.run, "moment": day.moment}}})


class Real:
    """A real season, cut out of the whole dump."""

    season = 2024

    def __init__(self, folder: Path, public: Path) -> None:
        self.dump, self.public = load(folder, FIRST, self.season), public
        races = self.dump["races"][self.dump["races"]["year"] == str(self.season)]
        starts = pd.to_datetime(races["date"] + " " + races["time"], utc=True).sort_values()
        self.starts = [start.to_pydatetime() for start in starts]

    def show(self, project: TinyProject, day: Day) -> None:
        """Let the project's source hold what was public."""
        write(cut(self.dump, Cut(pd.Timestamp(day.now))), self.public)
        project.set({"sources": {"ergast": {"location": str(self.public)}}})


def days(starts: Sequence[datetime], left_out: int, trained: Sequence[int]) -> Iterator[Day]:
    """Yield the days of the first races of a season: the evening before each weekend's week, and the grid; none of the one that is left out.

    Args:
        starts: of the races.
        left_out: its number.
        trained: after how many races it is trained.
    """
    for run, start in enumerate(starts):
        if run + 1 == left_out:
            continue
        evening = starts[run - 1] + EVENING if run else start - WINTER
        yield Day(evening, run, "before_weekend", run in trained)
        yield Day(start - BEFORE, run, "with_grid")


def replay(project: TinyProject, world: Synthetic | Real, planned: Sequence[Day]) -> list[tuple[str, str]]:
    """Live through the days by the scheduled flow, and return the heads that were noted, each with its instant."""
    heads: list[tuple[str, str]] = []
    with prefect_server(Project(project.root), shared=True):
        for number, day in enumerate(planned, start=1):
            began = time.monotonic()
            world.show(project, day)
            if day.train:
                project.commit()
            words = [] if day.train else ["--no-train"]
            project.pitwall("run", "race-weekend", "--now", day.now.isoformat(), *words)
            heads.append((read_rows(Project(project.root))[-1]["hash"], day.now.isoformat()))
            (project.root.parent / HEADS).write_text(json.dumps(heads))
            said = f"{number} of {len(planned)}: {day.now:%Y-%m-%d %H:%M}, {day.run} races run, {day.moment}"
            print(
                f"{said}{', trained' if day.train else ''}: {time.monotonic() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        evening = max(world.starts[: planned[-1].run + 1]) + EVENING
        world.show(project, Day(evening, planned[-1].run + 1, "before_weekend"))
        project.run(sys.executable, "-m", "flows.ingest", "--now", evening.isoformat())
        project.pitwall("record", "score", "--now", evening.isoformat())
    return heads


def told(project: TinyProject, world: Synthetic | Real, planned: Sequence[Day]) -> list[dict[str, Any]]:
    """Return a row per race: what the record says of its forecasts."""
    rows = read_rows(Project(project.root))
    counted, known = standing(rows), scores(rows)
    made = []
    for number in range(1, planned[-1].run + 2):
        race = f"{world.season}-{number:02d}"
        own = [row for row in rows if row.get("race") == race]
        said = [row for row in own if row["kind"] == "forecast"]
        row: dict[str, Any] = {"race": race, "in time": sum(each["in_time"] for each in said)}
        row["late"] = len(said) - row["in time"]
        row["missed"] = sum(each["kind"] == "missed" for each in own)
        for stage in STAGES:
            standing_one = counted.get((race, f"order-{stage}"))
            scored = known.get(standing_one["content"]) if standing_one else None
            losses = scored["scores"].get(ASKED, {}) if scored else {}
            if scored and not losses:
                row[WITHOUT] = [*row.get(WITHOUT, []), stage]
            row[f"{stage} version"] = standing_one["version"] if standing_one else None
            for side in ("ours", "baseline"):
                row[f"{stage} {side}"] = losses.get(side, {}).get("log_loss")
        made.append(row)
    return made


def faults(
    project: TinyProject, rows: Sequence[dict[str, Any]], heads: Sequence[tuple[str, str]], left_out: str
) -> list[str]:
    """Return which claims do not hold, in words."""
    found = []
    for row in rows:
        missing = row["race"] == left_out
        said = [stage for stage in STAGES if row[f"{stage} version"] is not None]
        if said != ([] if missing else list(STAGES)) or row["late"]:
            found.append(f"{row['race']}: forecasts in time at {', '.join(said) or 'no stage'}, {row['late']} late")
        if row["missed"] != (len(STAGES) if missing else 0):
            found.append(f"{row['race']}: {row['missed']} recorded as missed")
        unscored = [stage for stage in STAGES if row[f"{stage} ours"] is None and stage not in row.get(WITHOUT, ())]
        if unscored and not missing:
            found.append(f"{row['race']}: no score at {', '.join(unscored)}")
    home = Project(project.root)
    with Workspace(home) as workspace:
        for head, noted in heads:
            found += [f"head of {noted}: {each.reason}" for each in look.verify(workspace, head, noted).breaks]
    real = [row["seq"] for row in read_rows(home) if not row.get("replayed")]
    return found + [f"row {seq} does not say that it was replayed" for seq in real]


def text(rows: Sequence[dict[str, Any]], heads: int, kinds: Counter[str]) -> str:
    """Return the table and a sentence with the means."""
    means = {
        f"{stage} {side}": fmean(row[f"{stage} {side}"] for row in rows if row[f"{stage} {side}"] is not None)
        for stage in STAGES
        for side in ("ours", "baseline")
    }
    whole = {"race": "all", **{name: sum(row[name] for row in rows) for name in ("in time", "late", "missed")}}
    whole |= {f"{stage} version": None for stage in STAGES} | means
    names = [name for name in rows[0] if name != WITHOUT]
    shown = [{name: row[name] for name in names} for row in (*rows, whole)]
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    verified = (
        f"it was verified against {heads} heads that were noted on the way" if heads else "its chain was verified"
    )
    lines = [markdown(shown), f"Rows of the record: {counts}; {verified}, without a finding."]
    lines += [
        f"{row['race']}, {' and '.join(row[WITHOUT])}: the winner was none of the cars that were forecast (no entry list yet: those of the race "
        "before were assumed), so this forecast has scores for the other questions and none for this one."
        for row in rows
        if WITHOUT in row
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Replay, then tell; ends with 1 where a claim does not hold."""
    parser = options(__doc__, "three weekends and the one that is left out, of a small world")
    parser.add_argument("--real", type=Path, metavar="FOLDER", help="replay 2024 from a real Ergast dump instead")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="make the project there and keep it; one that is there is told of and not made again",
    )
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = parsed.keep or Path(scratch)
        root.mkdir(parents=True, exist_ok=True)
        world = _world(parsed, root / "public")
        there = (root / "project").is_dir()
        project = TinyProject(root / "project") if there else make_project(CHECKOUT, root / "project")
        starts, left_out = (world.starts[:4], 3) if parsed.small else (world.starts, 2 * len(world.starts) // 3)
        planned = list(days(starts, left_out, {0} if parsed.small else {0, len(starts) // 3, 2 * len(starts) // 3}))
        if there:
            noted = root / HEADS
            heads = [tuple(each) for each in json.loads(noted.read_text())] if noted.is_file() else []
        else:
            project.set(SMALL if parsed.small else SETTINGS)
            heads = replay(project, world, planned)
        rows = told(project, world, planned)
        wrong = faults(project, rows, heads, f"{world.season}-{left_out:02d}")
        kinds = Counter(row["kind"] for row in read_rows(Project(project.root)))
    name = "replay_2024" if parsed.real else "replay_season"
    for fault in wrong:
        print(f"! {fault}", file=sys.stderr)
    report(name, text(rows, len(heads), kinds), {"rows": rows, "faults": wrong}, parsed)
    if wrong:
        raise SystemExit(1)


def _world(parsed: argparse.Namespace, public: Path) -> Synthetic | Real:
    if parsed.real:
        return Real(parsed.real, public)
    return Synthetic(seasons=3, teams=4, races=6) if parsed.small else Synthetic(seasons=7, teams=10, races=10)


if __name__ == "__main__":
    main()
