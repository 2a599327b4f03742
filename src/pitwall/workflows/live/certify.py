"""The proof that a race that is followed is answered as it is answered afterwards: every prediction, bit by bit, whatever the feed did.

The batch is the frame that models learn from, or features joined from the project's files, asked in one go per lap of the leader. Live, the
same events come in six ways, the last of which is a process that is killed and another one that goes on.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.tables import load_tables
from pitwall.domain.when import BEFORE, Stage
from pitwall.features.machinery.known import as_known
from pitwall.live.answer import LiveError
from pitwall.live.feeds.machinery.distortions import DISTORTIONS
from pitwall.live.feeds.machinery.of_tables import events_of, with_ticks
from pitwall.live.follow import Follower
from pitwall.live.journal import read_journal
from pitwall.live.voices import Voice
from pitwall.workflows.live.panel import stored_rows
from pitwall.workflows.live.watch import Prepared, prepare
from pitwall.workflows.workspace import Workspace

KILLED = "killed and resumed"
FEEDS = (*DISTORTIONS, KILLED)
AHEAD = ("in order", "5 % duplicated", "coarse, then fine sectors")  # where answers made ahead are seldom thrown away
Bits = dict[tuple[str, tuple[int, ...]], tuple[str, ...]]  # model and key of a row -> its answer


@dataclass(frozen=True)
class Certified:
    """What came out for one feed.

    Attributes:
        feed: in words.
        rows: predictions of the batch.
        differ: predictions of the feed that are others, or lack, or that the batch has not.
        answers: that were told.
        revised: of them, versions of a lap that was told before.
        first: the first prediction that differs, for people.
    """

    feed: str
    rows: int
    differ: int
    answers: int
    revised: int
    first: str = ""

    @property
    def holds(self) -> bool:
        """Whether every prediction is equal, bit by bit, and there are some."""
        return self.rows > 0 and self.differ == 0


def certify(
    workspace: Workspace, race: str, models: Sequence[str] = (), feeds: Sequence[str] = FEEDS, seed: int = 7
) -> list[Certified]:
    """Follow a race of the data in several ways and hold every prediction against the batch.

    Args:
        workspace: of the project.
        race: label, e.g. 2023-12.
        models: that answer; all that answer within races when empty.
        feeds: of `FEEDS`.
        seed: of what happens to events.

    Raises:
        LiveError: the data hold no laps of the race.
        UnknownName: there is no such race or model.
    """
    prepared = prepare(workspace, race, models)
    if prepared.told["laps"].empty:
        raise LiveError(f"the data hold no laps of {race}; certify a race with laps (`pitwall live races` lists them).")
    expected = batch(workspace, prepared)
    found = []
    for name in feeds:
        follower = _killed(workspace, prepared, models) if name == KILLED else _followed(workspace, prepared)
        events = [] if name == KILLED else DISTORTIONS[name](events_of(prepared.told), seed)
        told = _run(follower, events, ahead=name in AHEAD)
        found.append(_held(name, expected, _bits(follower), told))
    return found


def _followed(workspace: Workspace, prepared: Prepared) -> Follower:
    settings = workspace.params.live
    return Follower(prepared.race, prepared.voices, prepared.features, settings, "certify", notes=prepared.notes)


def _run(follower: Follower, events: Sequence[Any], *, ahead: bool) -> list[int]:
    """Let a follower hear events one by one, make answers ahead as in a race that is driven now, and return the revisions of what it told."""
    told = []
    for item in with_ticks(events):
        follower.take([item])
        list(follower.due())
        told += [asked.revision for _, asked in follower.fresh()]
        if ahead:
            follower.prepare()
    return told


def _killed(workspace: Workspace, prepared: Prepared, models: Sequence[str]) -> Follower:
    """Return a follower that has gone on from the file of a process that was killed half-way."""
    race, half = prepared.race.race.label, max(int(prepared.told["laps"]["lap"].max()) // 2, 1)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.jsonl"
        command = [sys.executable, "-m", "pitwall.workflows.live.victim", str(workspace.project.root), race, str(state)]
        done = subprocess.run([*command, str(half), *models], capture_output=True, text=True, check=False)
        if done.returncode != -signal.SIGKILL:
            raise LiveError(f"the process that was to be killed ended with {done.returncode}: {done.stderr[-300:]}")
        heard = read_journal(state, race)
    follower = replace(_followed(workspace, prepared), told=heard.told)
    follower.take(heard.events)
    list(follower.due())
    missed = events_of(prepared.told)[len(heard.events) // 2 :]  # a feed tells again what one may have missed
    follower.take(missed)
    return follower


def _held(name: str, expected: Bits, found: Bits, told: Sequence[int]) -> Certified:
    wrong = sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
    first = f"{wrong[0]}: {found.get(wrong[0])} live, {expected.get(wrong[0])} in the batch" if wrong else ""
    return Certified(name, len(expected), len(wrong), len(told), sum(each > 1 for each in told), first)


def _bits(follower: Follower) -> Bits:
    return {
        (model, key): tuple(float(value).hex() for value in answer)
        for asked in follower.asked.values()
        for model, rows in asked.said.items()
        for key, answer in rows.items()
    }


def batch(workspace: Workspace, prepared: Prepared) -> Bits:
    """Return what every model says of every row of the race, asked afterwards."""
    race, instants = prepared.race.race, _crossings(prepared)
    found: Bits = {}
    for voice in prepared.voices:
        kind = voice.definition.kind
        spine = kind.spine(load_tables(workspace.project.tables, sorted(kind.reads)), Stage.IN_RACE)
        frame = _frame(workspace, voice, spine[spine["race_id"] == race.race_id].reset_index(drop=True))
        turn = np.searchsorted(instants, frame["cutoff"].astype("int64").to_numpy())
        for _, rows in frame.groupby(turn):
            own = rows.reset_index(drop=True)
            said = voice.bits(own, voice.ask(own))
            found |= {(voice.name, key): tuple(float(value).hex() for value in answer) for key, answer in said.items()}
    return found


def _crossings(prepared: Prepared) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the cut-offs at which the leader ends laps, in microseconds."""
    laps = prepared.told["laps"]
    first = laps[laps["completed"] & laps["known_estimated"]]
    led = first.groupby("lap")["event_timestamp"].min() + BEFORE
    return np.sort(led.astype("datetime64[us, UTC]").astype("int64").to_numpy())


def _frame(workspace: Workspace, voice: Voice, spine: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the features that models learn from: of the stored frame where it has them all."""
    path = workspace.job(f"{voice.name}-{Stage.IN_RACE.value}").frame_path
    key = list(voice.definition.kind.key)
    if path.is_file() and len(spine):
        stored = pd.read_parquet(path, filters=[("race_id", "==", int(spine["race_id"].iloc[0]))])
        if len(stored) == len(spine):
            return spine[key].merge(stored, on=key)
    parts = [as_known(spine, group, stored_rows(workspace, group))[group.names] for group in voice.groups]
    return pd.concat([spine, *parts], axis=1)
