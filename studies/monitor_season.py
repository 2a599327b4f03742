"""Does a page a week tell of the one thing that is wrong in a season, and of nothing in a season in which nothing is?

    python studies/monitor_season.py [--small] [--json FILE] [--docs docs/monitoring.md] [--keep FOLDER]

A project is made and brought to its first forecast by the scheduled flow, as `make demo` does it, ten days before a season of the embedded world; no
season of new rules. Then half of the season is fetched, and lived through with `now` (docs/replay.md), by the order model alone and without training
again: half an hour before each start what was said of the race before is scored, the project looked at (docs/monitoring.md) and the race forecast;
on the evening of the last race it is scored and looked at once more. Each instant sees what was known by then. The same half is lived through
twice: as it is, and with a fault. From the fault's race on the times of practice are later by two standard deviations of their gaps, but for the
quickest (`_planted_source`): one column of one file, which only some groups of features read.

It ends with 1 unless the season without a fault has no alarm, the one with it has alarms of one cause, a group that reads practice, first raised at or
after the fault's race, and both last pages show the scores of every race beside the baseline's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from _planted_source import PlantedSettings
from _report import markdown, options, report

from pitwall.domain.clock import replaying
from pitwall.domain.project import Project
from pitwall.features import groups
from pitwall.sources.synthetic_world import World
from pitwall.testing.worlds.project import TinyProject, make_project
from pitwall.workflows import data, online
from pitwall.workflows.forecast import forecast
from pitwall.workflows.monitoring.telling import tell
from pitwall.workflows.monitoring.watch import watch
from pitwall.workflows.record.score import score
from pitwall.workflows.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[1]
NAME, ASKED, COLUMN_OF = "order-pre_race", "race_winner", "practice"
SEASON = 2024
EVENING, BEFORE, WINTER = timedelta(hours=6), timedelta(minutes=30), timedelta(days=10)
WITHOUT, WITH = "without a fault", "with the fault"
SETTINGS: dict[str, dict[str, Any]] = {
    "models": {"order": {"estimator": "stack", "first_season": 1998, "stages": ["pre_race"]}},
    "training": {"held_out_seasons": 5, "validation_seasons": 3},
    "tuning": {"trials": 5, "startup_trials": 3, "pruner_warmup_rounds": 40},
    "gates": {"bootstrap_draws": 4000},
}
FEW: dict[str, dict[str, Any]] = {
    "models": {"order": {"estimator": "conditional_logit", "first_season": 1998, "stages": ["pre_race"]}},
    "tuning": {"trials": 2, "startup_trials": 1},
    "training": {"held_out_seasons": 1, "validation_seasons": 1},
    "gates": {"bootstrap_draws": 200},
}


@dataclass(frozen=True)
class Size:
    """How large the world is, how many races of the season are lived through, and from which one on the fault is there."""

    seasons: int
    teams: int
    races: int
    lived: int
    fault: int

    @property
    def settings(self) -> dict[str, int]:
        """Return the settings of the source."""
        first = SEASON - self.seasons + 1
        return {
            "seasons": self.seasons,
            "first_season": first,
            "teams": self.teams,
            "races": self.races,
            "laps_seasons": 0,
        }

    @property
    def starts(self) -> list[datetime]:
        """Return the starts of the races that are lived through."""
        calendar = World(PlantedSettings(**self.settings)).history.calendar
        return [calendar[SEASON * 100 + number].start for number in range(1, self.lived + 1)]


FULL, SMALL = Size(10, 11, 21, 11, 4), Size(6, 5, 12, 8, 4)
TWICE = 2.0  # the size of the fault, in standard deviations of the gaps


def demo(root: Path, size: Size) -> TinyProject:
    """Make a project, train, judge, promote and forecast before the season."""
    project = make_project(CHECKOUT, root)
    shutil.copy(CHECKOUT / "studies" / "_planted_source.py", root / "src" / "pitwall" / "sources" / "planted.py")
    project.set(
        {
            **(FEW if size == SMALL else SETTINGS),
            "sources": {"planted": {**size.settings, "rounds_run": 0, "moment": "before_weekend"}},
        }
    )
    project.commit()
    project.pitwall("run", "race-weekend", "--now", (size.starts[0] - WINTER).isoformat())
    return project


def looked_at(size: Size) -> Iterator[tuple[datetime, bool]]:
    """Yield the instants of the looks, each with whether a race is to be forecast."""
    for start in size.starts:
        yield start - BEFORE, True
    yield size.starts[-1] + EVENING, False


def live(project: TinyProject, size: Size, off_from: int) -> list[dict[str, Any]]:
    """Live through the half season in this process, and return what each look found."""
    _fetch(project, size, off_from)
    found = []
    with Workspace(Project(project.root)) as workspace:
        for now, ahead in looked_at(size):
            began = time.monotonic()
            with replaying(now.isoformat()):
                score(workspace)
                seen = watch(workspace)
                page = tell(workspace, seen).page
                if ahead:
                    online.materialise_next(workspace, NAME)
                    forecast(workspace, NAME, provenance={})
            found.append({**seen.row(), "page": str(page)})
            print(f"{now:%Y-%m-%d %H:%M} {seen.verdict}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return found


def _fetch(project: TinyProject, size: Size, off_from: int) -> None:
    """Fetch the half season, on the evening of its last race, and build what is made of it."""
    there = {
        **size.settings,
        "rounds_run": size.lived,
        "moment": "before_weekend",
        "off_from": off_from,
        "off_by": TWICE,
    }
    project.set({"sources": {"planted": there}})
    evening = (size.starts[-1] + EVENING).isoformat()
    with replaying(evening), Workspace(Project(project.root)) as workspace:
        data.ingest(workspace, "planted")
        for step in (data.tables, data.features, data.frames):
            step(workspace)


def told(name: str, looks: Sequence[dict[str, Any]], off_from: int) -> dict[str, Any]:
    """Return a row of the table: what the last page of a replay says."""
    last = looks[-1]
    model = next(each for each in last["models"] if each["name"] == NAME)
    scores = next(each for each in model["scores"] if each["question"] == ASKED)
    alarms = [each for each in last["alarms"] if each["kind"] == "drift"]
    first = next((look["at"][:10] for look in looks if look["alarms"]), "")
    return {
        "half season": name,
        "races": scores["season"]["races"],
        "ours": round(scores["season"]["ours"], 3),
        "baseline": round(scores["season"]["baseline"], 3),
        "what may be said": scores["said"],
        "features watched": len(model["drift"]["features"]),
        "fault from": f"{off_from // 100}-{off_from % 100:02d}" if off_from else "",
        "alarms": "; ".join(f"{each['kind']}: {each['cause']}, since {each['since']}" for each in last["alarms"])
        or "none",
        "first seen": first,
        "causes": len({each["cause"] for each in alarms}),
    }


def faults(size: Size, looks: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return which claims do not hold, in words."""
    found = []
    for look in looks.get(WITHOUT, []):
        found += [f"{WITHOUT}: {each['kind']}, {each['cause']}" for each in look["alarms"]]
    alarms = looks[WITH][-1]["alarms"]
    causes = {each["cause"] for each in alarms}
    readers = {f"{name} in {SEASON}" for name, group in groups().items() if COLUMN_OF in group.reads}
    if len(causes) != 1 or not causes <= readers:
        found.append(
            f"{WITH}: alarms of {', '.join(sorted(causes)) or 'no cause'}, expected one of {', '.join(sorted(readers))}"
        )
    found += [
        f"{WITH}: {each['cause']} since {each['since']}, before the fault"
        for each in alarms
        if each["since"] < f"{SEASON}-{size.fault:02d}"
    ]
    for name, own in looks.items():
        for model in (each for each in own[-1]["models"] if each["name"] == NAME):
            races = {len(each["races"]) for each in model["scores"]}
            if races != {size.lived}:
                found.append(f"{name}: scores of {sorted(races)} races on the last page, expected {size.lived}")
    return found


def both(root: Path, size: Size) -> dict[str, list[dict[str, Any]]]:
    """Make the project once, copy it, and live through both seasons beside each other, each in a process of its own."""
    project = demo(root / WITHOUT.replace(" ", "_"), size)
    other = root / WITH.replace(" ", "_")
    shutil.copytree(project.root, other, symlinks=True)
    homes = {WITHOUT: (project, 0), WITH: (TinyProject(other), SEASON * 100 + size.fault)}
    if size == SMALL:
        del homes[WITHOUT]

    def one(name: str) -> list[dict[str, Any]]:
        home, off_from = homes[name]
        chosen = json.dumps({**asdict(size), "off_from": off_from})
        code = f"import sys; sys.path.insert(0, {str(CHECKOUT / 'studies')!r}); import monitor_season; monitor_season.child({chosen!r})"
        home.run(sys.executable, "-c", code)
        return list(json.loads((home.root.parent / f"{home.root.name}.json").read_text()))

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(homes, pool.map(one, homes), strict=True))


def child(chosen: str) -> None:
    """Live through one season in the project that we are in, and write what was found beside it."""
    size = json.loads(chosen)
    off_from, home = size.pop("off_from"), Path.cwd()
    looks = live(TinyProject(home), Size(**size), off_from)
    (home.parent / f"{home.name}.json").write_text(json.dumps(looks), encoding="utf-8")


def main() -> None:
    """Live through both, then tell; ends with 1 where a claim does not hold."""
    parser = options(__doc__, "eight races of a small world, with the fault only")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="make the projects there and keep them, pages and all"
    )
    parsed: argparse.Namespace = parser.parse_args()
    size = SMALL if parsed.small else FULL
    with tempfile.TemporaryDirectory() as scratch:
        root = parsed.keep or Path(scratch)
        root.mkdir(parents=True, exist_ok=True)
        looks = both(root, size)
    fault = SEASON * 100 + size.fault
    rows = [told(name, own, fault if name == WITH else 0) for name, own in looks.items()]
    wrong = faults(size, looks)
    for each in wrong:
        print(f"! {each}", file=sys.stderr)
    report("monitor_season", markdown(rows), {"rows": rows, "faults": wrong}, parsed)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
