"""Is a season fetched through `jolpica` within the limits, and does a kill lose or double a row?

    python studies/ingest.py [--small] [--json FILE] [--docs docs/sources.md]

A season of the synthetic world is served in the form of the Jolpica API (`pitwall.testing.sites`), laps included. The server holds its callers to the
publisher's burst limit, 4 requests a second, and to the source's own default, 200 an hour: a request beyond them is answered 429 and counted. Server and
source share a clock that waiting puts forward, so hours take seconds. The ingest runs in a process of its own and is killed (SIGKILL) at drawn requests,
before the server answers, and started again until it ends.

*Lost* and *doubled* rows are counted by key between the dump that was served and the tables made of what was fetched, *changed* ones by value. The bytes are
held against those of an ingest that nobody killed. A day later it is run once more: nothing has changed, and the server says so.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _ingest_child import ingest
from _report import Row, markdown, options, report

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS, Tables
from pitwall.sources.jolpica import JolpicaSettings
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.comparing.differences import EXTRA, MISSING, differences
from pitwall.sources.machinery.comparing.matching import match
from pitwall.sources.machinery.snapshots.store import Snapshot
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing.checks.source import kept
from pitwall.testing.sites.clocks import SharedClock
from pitwall.testing.sites.jolpica_api import JolpicaApi
from pitwall.testing.sites.site import Answer, Site

CHILD = Path(__file__).with_name("_ingest_child.py")
WORLD, SMALL_WORLD = (
    {"seasons": 2, "races": 24, "rounds_run": 24},
    {"seasons": 2, "races": 6, "rounds_run": 5, "teams": 6},
)
KILLS, SMALL_KILLS = 20, 2
BURST, HOUR = (4, 1.0), (200, 3600.0)
DAY = 86400.0
TABLES = (
    "races",
    "entries",
    "qualifying",
    "sprints",
    "results",
    "pit_stops",
    "lap_times",
    "driver_standings",
    "constructor_standings",
)


@dataclass
class Killer:
    """Serves pages and kills who asks, at drawn requests, before it answers."""

    api: JolpicaApi
    at: frozenset[int]
    child: int | None = None
    asked: int = 0

    def __call__(self, path: str) -> Answer:
        """Answer a path."""
        self.asked += 1
        if self.child is not None and self.asked in self.at:
            os.kill(self.child, signal.SIGKILL)
        return self.api(path)


def killed_ingest(site: Site, killer: Killer, folder: Path, clock: SharedClock, settings: Mapping[str, Any]) -> int:
    """Run ingests in processes of their own until one ends; return how many were killed."""
    command = [sys.executable, str(CHILD), site.url, str(folder), str(clock.path), json.dumps(dict(settings))]
    for kills in range(len(killer.at) + 1):
        child = subprocess.Popen(command)
        killer.child = child.pid
        code = child.wait()
        if code == 0:
            return kills
        if code != -signal.SIGKILL:
            raise SystemExit(f"the ingest ended with {code}")
    raise SystemExit("the ingest never ended")


def rows_of(ours: Tables, theirs: Tables, taken: Snapshot) -> Row:
    """Return how many rows were lost, doubled or changed on the way from the dump to the tables."""
    found = match(ours, theirs)
    told = differences(ours, theirs, found, TABLES)
    columns = Counter(told["column"])
    doubled = sum(int(theirs[name].duplicated(list(SPECS[name].key)).sum()) for name in TABLES)
    doubled += sum(int(pd.read_csv(taken.folder / name, dtype=str).duplicated().sum()) for name in taken.files)
    lost = columns[MISSING] + sum(len(each) for each in found.unknown.values())
    changed = len(told) - columns[MISSING] - columns[EXTRA]
    return {
        "rows": sum(len(theirs[name]) for name in TABLES),
        "lost": lost,
        "doubled": doubled + columns[EXTRA],
        "changed": changed,
    }


def measured(folder: Path, world: Mapping[str, Any], kills: int, seed: int) -> Row:
    """Return what one season takes, killed and not."""
    dump = folder / "dump"
    dump.mkdir()
    sized = SyntheticSettings.model_validate({**world, "laps_seasons": 1})
    fetch(None, sized, dump)
    season = sized.first_season + sized.seasons - 1
    settings = {"first_season": season, "last_season": season, "laps": True}
    start = _after(dump)
    quiet = SharedClock(folder / "quiet", start)
    with Site(JolpicaApi(dump)) as site:
        whole = ingest(site.url, folder / "whole", quiet, JolpicaSettings.model_validate(settings))
        pages = len(set(site.paths))
    drawn = np.random.default_rng(seed).choice(np.arange(2, pages), size=kills, replace=False)
    clock = SharedClock(folder / "clock", start)
    killer = Killer(JolpicaApi(dump), frozenset(int(each) for each in drawn))
    with Site(killer, limits=[BURST, HOUR], now=clock.now) as site:
        began = clock.now()
        died = killed_ingest(site, killer, folder / "killed", clock, settings)
        hours, asked = (clock.now() - began) / HOUR[1], list(site.asked)
        killer.child = None
        taken = ingest(site.url, folder / "killed", clock, JolpicaSettings.model_validate(settings))
        again = len(site.asked) - len(asked)
        clock.sleep(DAY)
        ingest(site.url, folder / "killed", clock, JolpicaSettings.model_validate(settings))
        later = Counter(code for _, _, code in site.asked[len(asked) + again :])
        most = {"second": site.most(BURST[1]), "hour": site.most(HOUR[1])}
    ours, theirs = (Tables(build_tables([each], TimeParams()).tables).as_of() for each in (kept(dump), taken))
    ours = ours.replace(**{name: _of_season(ours, name, season) for name in TABLES})
    return {
        "season": season,
        "pages": pages,
        "kills": died,
        "requests": len(asked),
        "asked_twice": len(asked) - len({path for _, path, _ in asked}),
        "refused": sum(code == 429 for _, _, code in asked),
        "most_a_second": most["second"],
        "most_an_hour": most["hour"],
        "hours": round(hours, 2),
        **rows_of(ours, theirs, taken),
        "same_bytes": taken.hash == whole.hash,
        "again": again,
        "a_day_later": sum(later.values()),
        "of_these_304": later[304],
    }


def _after(dump: Path) -> float:
    """Return an instant two days after the last race that was run, when corrections may still come."""
    results, races = (pd.read_csv(dump / f"{name}.csv") for name in ("results", "races"))
    last = races.loc[races["raceId"].isin(results["raceId"]), "date"].max()
    return datetime.fromisoformat(last).replace(tzinfo=UTC).timestamp() + 2 * DAY


def _of_season(tables: Tables, name: str, season: int) -> pd.DataFrame:
    races = tables["races"].set_index("race_id")["season"]
    rows = tables[name]
    return rows[rows["race_id"].map(races) == season]


def judged(found: Row) -> list[Row]:
    """Return the table: what was measured beside what it must be."""
    kills = found["kills"]
    return [
        {
            "what": "pages of the season, asked for",
            "found": f"{found['pages']}, {found['requests']} times",
            "must be": "within the next line",
        },
        {"what": f"asked for twice, after {kills} kills", "found": found["asked_twice"], "must be": f"at most {kills}"},
        {
            "what": "most requests in a second, in an hour",
            "found": f"{found['most_a_second']}, {found['most_an_hour']}",
            "must be": "at most 4, 200",
        },
        {"what": "answered 429", "found": found["refused"], "must be": "0"},
        {"what": "hours of the clock", "found": found["hours"], "must be": ""},
        {"what": "rows in tables", "found": found["rows"], "must be": ""},
        {
            "what": "rows lost, doubled, changed",
            "found": f"{found['lost']}, {found['doubled']}, {found['changed']}",
            "must be": "0, 0, 0",
        },
        {"what": "bytes as without kills", "found": "yes" if found["same_bytes"] else "no", "must be": "yes"},
        {"what": "requests of a second ingest at once", "found": found["again"], "must be": "0"},
        {
            "what": "requests a day later, answered 304",
            "found": f"{found['a_day_later']}, {found['of_these_304']}",
            "must be": "all of them",
        },
    ]


def broken(found: Row) -> list[str]:
    """Return what is not as it must be."""
    limits = {
        "asked_twice": found["kills"],
        "most_a_second": BURST[0],
        "most_an_hour": HOUR[0],
        **dict.fromkeys(("refused", "lost", "doubled", "changed", "again"), 0),
        "a_day_later": found["of_these_304"],
    }
    over = [f"{name} is {found[name]}, at most {most}" for name, most in limits.items() if found[name] > most]
    return over + ([] if found["same_bytes"] else ["other bytes than without kills"])


def main() -> int:
    """Run the study; 1 where something is not as it must be."""
    chosen = options(__doc__, "a season of six races and two kills").parse_args()
    world, kills = (SMALL_WORLD, SMALL_KILLS) if chosen.small else (WORLD, KILLS)
    with tempfile.TemporaryDirectory(prefix="pitwall-") as scratch:
        found = measured(Path(scratch), world, kills, chosen.seed)
    report("ingest", markdown(judged(found)), {"found": found}, chosen)
    over = broken(found)
    print("\n".join(over), file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
