"""Own race: nothing that a race produced may be known before the cut-off of its own row.

A calendar that is corrected after the race can turn the order of the two around: if the start was published a day too late,
the result is out before the cut-off. With a frame its own cut-offs are looked at. Without one, so is every start that was
ever published: the tables use the one known now, but what was made from them before the correction may hold the result.
"""

from __future__ import annotations

import pandas as pd

from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import EVERY, Finding
from pitwall.ml.audit._subject import Audited, Subject

NAME = "own_race"
PRODUCED = (
    *("results", "laps", "lap_times", "pit_stops", "race_control"),
    *("driver_standings", "constructor_standings"),
)
KNOWN = "of a race were known before the cut-off of its own row"
PUBLISHED = (
    "of a race were known before its cut-off as published until the calendar was corrected: make anew what is older"
)


def _run(audited: Audited) -> list[Finding]:
    group, subject = audited.group, audited.subject
    found = []
    for name in group.reads:
        if name not in PRODUCED:
            continue
        lines = first_known(subject, name)
        for cutoffs, reason in ((cutoffs_used(subject), KNOWN), (cutoffs_published(subject), PUBLISHED)):
            early = lines.merge(cutoffs, on="race_id")
            early = early[(early["known_at"] <= early["cutoff"]) & (early["event_timestamp"] < early["cutoff"])]
            if len(early):
                first = early.sort_values(["race_id", "cutoff"]).iloc[0]
                example = {name: str(first[name]) for name in ("race_id", "known_at", "cutoff")}
                found.append(Finding(NAME, "finding", group.name, EVERY, len(early), example, f"of {name} {reason}"))
                break  # what is wrong now says more than what was wrong once
    return found


def first_known(subject: Subject, name: str) -> pd.DataFrame:
    """Return the stamps of what each race produced, as first published: race_id, event_timestamp, known_at."""
    rows = subject.tables[name]
    driven = rows[rows["end_seconds"] > 0] if name == "laps" else rows
    return driven.sort_values("known_at", kind="stable").drop_duplicates("race_id")[
        ["race_id", "event_timestamp", "known_at"]
    ]


def cutoffs_used(subject: Subject) -> pd.DataFrame:
    """Return race_id and cutoff of the rows that are forecast: those of the frame where there is one."""
    rows = subject.cars if subject.frame is None else subject.frame
    return rows[["race_id", "cutoff"]].drop_duplicates()


def cutoffs_published(subject: Subject) -> pd.DataFrame:
    """Return race_id and cutoff as they followed from every start that was published; none where a frame is looked at.

    A weekend moves as a whole: each cut-off was as far from the published start as it is from the one known now.
    """
    races = subject.tables["races"]
    if subject.frame is not None:
        return pd.DataFrame({"race_id": races["race_id"].head(0), "cutoff": races["planned_at"].head(0)})
    moved = (races["planned_at"] - races["starts_at"]).rename("moved")
    told = cutoffs_used(subject).merge(pd.concat([races["race_id"], moved], axis=1), on="race_id")
    return told.assign(cutoff=told["cutoff"] + told["moved"])[["race_id", "cutoff"]].drop_duplicates()


CHECK = Check(
    NAME,
    "What a race produced is not known before its own cut-off",
    "a result, a lap or a standing that is stamped earlier than the start of its own race, as it is or was published",
    "stamps that are wrong by less than the race lasts; facts of a race that hide in another race's rows",
    _run,
)
