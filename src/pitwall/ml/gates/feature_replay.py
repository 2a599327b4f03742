"""Would the features have said then what they say now? Replayed just before each publication of the newest race."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.refs import Verdict
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, UTC_US, hours
from pitwall.features._group import STAMPS
from pitwall.features._replay import replay_check
from pitwall.ml.gates._gate import Candidate, Gate

NAME = "feature_replay"
SHOWN = 3
PUBLISHED = ("qualifying", "grid", "results")


def _check(candidate: Candidate) -> list[Verdict]:
    instants = _instants(candidate)
    found = [
        violation
        for group in candidate.groups
        for violation in replay_check(group, candidate.tables, candidate.params, instants)
    ]
    names = ", ".join(group.name for group in candidate.groups)
    reason = f"{len(candidate.groups)} groups ({names}) say at {len(instants)} past instants what they said then"
    if found:
        reason = "; ".join(str(violation) for violation in found[:SHOWN])
    return [Verdict(NAME, not found and bool(instants), float(len(found)), 0.0, "violations", reason)]


def _instants(candidate: Candidate) -> list[pd.Timestamp]:
    """Return, for the newest race that was run, the last instant before each publication: what comes may not be known."""
    newest = candidate.tables.only("races", "results").as_of()
    run = newest["races"][newest["races"]["race_id"].isin(newest["results"]["race_id"])]
    last = run.sort_values("starts_at").tail(1)["race_id"]
    tables = [candidate.tables[name] for name in PUBLISHED if name in candidate.tables]
    published = [table.loc[table["race_id"].isin(last), "known_at"].min() for table in tables]
    return sorted({instant - BEFORE for instant in published if not pd.isna(instant)})


def _peeking(good: Candidate) -> Candidate:
    """Stamp the rows of a group a day early: before the race, what was known after it."""
    group = next(group for group in good.groups if "race" not in group.entities)

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = group.compute(tables, settings, time)
        return rows.assign(**{stamp: (rows[stamp] - hours(24)).astype(UTC_US) for stamp in STAMPS})

    return replace(good, groups=(replace(group, compute=compute),))


GATE = Gate(NAME, "Features know no future: replayed on the data of then, they say the same", _check, _peeking)
