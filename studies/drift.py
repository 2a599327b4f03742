"""How often does the watch for drift cry wolf, and how soon does it find what was planted?

    python studies/drift.py [--small] [--worlds N] [--json FILE] [--docs docs/drift.md]
    python studies/drift.py --real FOLDER [--docs docs/drift.md]

Synthetic worlds of twenty seasons, with the features of the order model before the race as the point-in-time join gives them. Every season from the
sixth on is held against the five before it. The world's rules change every fifth season; that is declared unless said otherwise. *False alarms* are
all alarms of a report, of features and of groups. A *shift* moves all features of one group by one standard deviation of cars in the
reference, up or down, from a race of the season on; it is found if an alarm of that group or of one of its features is raised at one of the first five
races. `alpha`, the bets and all limits were chosen on the worlds 101 to 106, which are not among these.

`--real` takes a dump in Ergast's format: a champion that learned up to 2021 and the seasons 2022 to 2024, whose first had new rules, with and without a
declaration; every season from 2005 on against the five before it; and shifts planted in some of these.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _drift_cases import PLANTED, SEASONS, Case, Shift, cases, shifts
from _report import markdown, options, report, wilson
from _worlds import STAGE, tables_of, world
from scipy.stats import chi2

from pitwall.domain.clock import wall
from pitwall.domain.params import Params, TimeParams
from pitwall.domain.racing.rule_changes import RULE_CHANGES
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets
from pitwall.ml.rows import row_kind
from pitwall.sources.ergast import SOURCE as ERGAST
from pitwall.sources.ergast import ErgastSettings
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import take_snapshot
from pitwall.sources.synthetic_world.state.field import RULE_CHANGE_EVERY
from pitwall.testing.worlds.frames import joined

WORLDS, WORLD_SEASONS, STANDING = 5, 20, 3
SMALL = {"seasons": 8, "races": 9, "teams": 5}
PLANTED_EVERY = 4  # watched seasons of a world in which something is planted
SOON = 5  # races
MOST_FALSE, LEAST_FOUND = 1.0, 0.8  # per five seasons; of shifts within SOON races
REAL_SEASON, FIRST_REAL = 2022, 2005
REAL_PLANTED_EVERY = 4
Row = dict[str, Any]


def frame_of(tables: Tables, first: int = 0) -> pd.DataFrame:
    """Return the rows of the order model before the race, from a season on."""
    frame = joined(row_kind("race_driver").spine(tables, STAGE), feature_sets()["order"], tables, Params())
    run = frame["race_id"].isin(tables["results"]["race_id"])
    return frame[run & (frame["season"] >= first)].reset_index(drop=True)


def measured(seed: int, size: dict[str, int]) -> tuple[dict[str, list[int]], list[Shift]]:
    """Return the alarms of each season of a world per kind of case, and what became of shifts."""
    settings, rng = world(seed, **size), np.random.default_rng(seed)
    rows = frame_of(tables_of(settings))
    rules = range(settings.first, settings.first + settings.all_seasons + 1, RULE_CHANGE_EVERY)
    usual = cases(rows, rules)
    counts: dict[str, list[int]] = {"nothing planted": _alarms(usual)}
    old = cases(rows, rules, STANDING)
    counts[f"nothing planted, a champion that stands for {STANDING} seasons"] = [
        sum(alarm.since.startswith(str(each.season + number)) for alarm in found)
        for each, found in ((each, each.alarms()) for each in old)
        for number in range(STANDING)
    ]
    some = [each for each in usual if each.season not in each.rules][
        :: PLANTED_EVERY if len(usual) > PLANTED_EVERY else 1
    ]
    for name, (plant, declare) in PLANTED.items():
        counts[name] = _alarms([declare(plant(each, rng)) for each in some])
    own = [replace(each, declared=each.rules - {each.season}) for each in usual if each.season in each.rules]
    counts["the world's own new rules, not declared"] = _alarms(own)
    return counts, [shift for each in some for shift in shifts(each, rng)]


def _alarms(watched: Sequence[Case]) -> list[int]:
    return [len(each.alarms()) for each in watched]


def false_rows(parts: Sequence[dict[str, list[int]]]) -> list[Row]:
    """Return a row per kind of case."""
    rows = []
    for name in parts[0]:
        counts = np.array([count for part in parts for count in part[name]])
        if not len(counts):
            continue
        low, high = _interval(int(counts.sum()), len(counts))
        rows.append(
            {
                "seasons with": name,
                "seasons": len(counts),
                "with an alarm": int((counts > 0).sum()),
                "alarms": int(counts.sum()),
                "alarms in five seasons": round(SEASONS * float(counts.mean()), 2),
                "95 %": f"{low:.2f} to {high:.2f}",
            }
        )
    return rows


def _interval(alarms: int, seasons: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a rate in five seasons, alarms taken for independent: those of one season are not, where there are many."""
    low = float(chi2.ppf(0.025, 2 * alarms)) / 2 if alarms else 0.0
    return low * SEASONS / seasons, float(chi2.ppf(0.975, 2 * alarms + 2)) / 2 * SEASONS / seasons


def shift_rows(found: Sequence[Shift]) -> list[Row]:
    """Return a row per group, one of all, and one of those that are monitored."""
    parts = {
        f"`{group}`": [each for each in found if each.group == group]
        for group in dict.fromkeys(each.group for each in found)
    }
    parts["all"] = list(found)
    parts["all with a monitored feature"] = [each for each in found if each.monitored]
    return [_shift_row(name, own) for name, own in parts.items()]


def _shift_row(name: str, own: Sequence[Shift]) -> Row:
    soon = sum(each.races is not None and each.races <= SOON for each in own)
    after = [each.races for each in own if each.races is not None]
    low, high = wilson(soon, len(own))
    return {
        "one sd in": name,
        "planted": len(own),
        "nothing monitored": sum(not each.monitored for each in own),
        f"found within {SOON} races": f"{soon / len(own):.2f} ({low:.2f} to {high:.2f})",
        "ever": len(after),
        "median races": float(np.median(after)) if after else None,
    }


def over(false: Sequence[Row], found: Sequence[Shift]) -> list[str]:
    """Return a sentence per limit that is broken."""
    by_name = {row["seasons with"]: row for row in false}
    monitored = [each for each in found if each.monitored]
    soon = float(np.mean([each.races is not None and each.races <= SOON for each in monitored]))
    usual = by_name["nothing planted"]["alarms in five seasons"]
    opener = by_name["an opener that differs, declared"]["alarms"]
    return [
        *([f"over: {usual} false alarms in five seasons, at most {MOST_FALSE}"] if usual > MOST_FALSE else []),
        *(
            [f"over: {soon:.2f} of shifts found within {SOON} races, at least {LEAST_FOUND}"]
            if soon < LEAST_FOUND
            else []
        ),
        *([f"over: {opener} alarms though the opener was declared"] if opener else []),
        *(
            []
            if by_name["new rules, not declared"]["alarms"]
            else ["over: new rules that were not declared raised nothing"]
        ),
    ]


def real(folder: Path, seed: int) -> dict[str, list[Row]]:
    """Return what a champion of 2021 is told in 2022 to 2024, what each real season raises against the five before it, and planted shifts."""
    with tempfile.TemporaryDirectory() as place:
        snapshot = take_snapshot(ERGAST, str(folder), ErgastSettings(), Path(place), now=wall(), previous=None)
        assert snapshot is not None
        rows = frame_of(Tables(build_tables([snapshot], TimeParams()).tables), FIRST_REAL - SEASONS)
    known = frozenset(RULE_CHANGES)
    alone = [
        replace(each, rows=rows[rows["season"].between(each.season - SEASONS, each.season)])
        for each in _years(rows, known)
    ]
    champion = Case(rows[rows["season"] >= REAL_SEASON - SEASONS], REAL_SEASON, known, known)
    told = [
        *_told("2022 to 2024 by a champion of 2021, new rules declared", [champion]),
        *_told("the same, not declared", [replace(champion, declared=known - {REAL_SEASON})]),
        *_told(f"each season from {FIRST_REAL} on, new rules declared", alone),
        *_told(
            "those with new rules, not declared",
            [replace(each, declared=known - {each.season}) for each in alone if each.season in known],
        ),
    ]
    rng = np.random.default_rng(seed)
    found = [shift for each in alone[1::REAL_PLANTED_EVERY] for shift in shifts(each, rng)]
    return {"told": told, "shifts": shift_rows(found)}


def _years(rows: pd.DataFrame, known: frozenset[int]) -> list[Case]:
    return [Case(rows, season, known, known) for season in range(FIRST_REAL, int(rows["season"].max()) + 1)]


def _told(words: str, watched: Sequence[Case]) -> list[Row]:
    """Return a row per alarm, or one that says that there was none."""
    alarms = [alarm for each in watched for alarm in each.alarms()]
    seasons = sum(each.rows["season"].max() - each.season + 1 for each in watched)
    head = {"watched": words, "seasons": int(seasons)}
    return [{**head, "alarm at": each.since, "of": f"`{each.subject}`", "": each.text} for each in alarms] or [
        {**head, "alarm at": "none", "of": "", "": ""}
    ]


def main() -> None:
    """Parse the command line, measure, print."""
    parser = options(__doc__, "one small world")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="synthetic worlds, from --seed on")
    parser.add_argument(
        "--real", type=Path, metavar="FOLDER", help="a dump in Ergast's format: real seasons, and nothing else"
    )
    chosen = parser.parse_args()
    if chosen.real:
        tables = real(chosen.real, chosen.seed)
        report("drift_real", "\n".join(markdown(rows) for rows in tables.values()), tables, chosen)
        return
    size = SMALL if chosen.small else {"seasons": WORLD_SEASONS}
    done = [measured(chosen.seed + number, size) for number in range(1 if chosen.small else chosen.worlds)]
    found = [shift for _, part in done for shift in part]
    false = false_rows([counts for counts, _ in done])
    shifted, said = shift_rows(found), [] if chosen.small else over(false, found)
    text = "\n".join([markdown(false), markdown(shifted), *said])
    report("drift", text, {"false": false, "shifts": shifted, "over": said}, chosen)


if __name__ == "__main__":
    main()
