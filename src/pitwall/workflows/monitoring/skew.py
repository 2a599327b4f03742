"""Served vectors beside what the offline store says of the same instant, bit for bit: those of forecasts, and those that a server answered from.

The log of a server's answers holds each vector once, with the ids of its rows. What was exported for a race that had been run is joined at its
cut-off; what came from the online store is joined as of what that store knew, which the log of forecasts' inputs says of the same race.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from pitwall.domain.errors import PitwallError
from pitwall.domain.racing.data_world import world
from pitwall.domain.tables import load_tables
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.forecasting.input_log import ServedVectors, read_served
from pitwall.ml.forecasting.skew import SkewReport, replay
from pitwall.workflows.monitoring.found import Alarm, Skew
from pitwall.workflows.serving.prediction_log import FOLDER, vectors_served
from pitwall.workflows.workspace import Workspace

BACK = timedelta(days=28)  # what was served in the last four weeks is replayed
WITHIN, NO_KEYS, OWN, ELSEWHERE = (
    "within a race, cut off row by row",
    "logged by an earlier version, without ids",
    "of a model that reads features of its own",
    "of a race that the tables do not have",
)


def skew(workspace: Workspace, at: datetime) -> Skew:
    """Replay what was served in the weeks before an instant.

    Args:
        workspace: of the project.
        at: the instant of the look.
    """
    since = pd.Timestamp(at - BACK)
    said = since.isoformat(timespec="seconds")
    try:
        made = [each for each in read_served(workspace.project) if since <= each.served_at <= pd.Timestamp(at)]
        given, left_out = _answered(workspace, since, pd.Timestamp(at))
        with workspace.exclusive("pitwall monitor"):
            return Skew(said, _replayed(workspace, made), _replayed(workspace, given), left_out)
    except PitwallError as error:
        return Skew(said, None, None, {}, str(error))


def alarms(found: Skew) -> list[Alarm]:
    """Return an alarm for each model and race with a value that differs."""
    offences = [each for report in (found.forecasts, found.answers) if report for each in report.offences]
    places = dict.fromkeys((each.model, each.race) for each in offences)
    return [
        _alarm(model, race, [o.feature for o in offences if (o.model, o.race) == (model, race)])
        for model, race in places
    ]


def _alarm(model: str, race: str, features: list[str]) -> Alarm:
    names = ", ".join(dict.fromkeys(features))
    text = f"what was served for {race} is not what the offline store says: {names}. `pitwall features skew` names rows and values."
    return Alarm("drift", model, text, f"skew, {race}", race)


def _replayed(workspace: Workspace, served: list[ServedVectors]) -> SkewReport | None:
    return replay(served, workspace.features, world(workspace.params)) if served else None


def _answered(
    workspace: Workspace, since: pd.Timestamp, at: pd.Timestamp
) -> tuple[list[ServedVectors], dict[str, int]]:
    """Return the vectors that servers answered from, each once, and how many cannot be replayed, by why."""
    online = read_served(workspace.project)
    numbers = _race_numbers(workspace)
    found, left_out = list[ServedVectors](), Counter[str]()
    for said, ids, features in _logged(workspace, since, at):
        why = _irreproducible(workspace, said, ids, numbers)
        if why or ids is None:
            left_out[why or NO_KEYS] += 1
            continue
        cutoff = pd.Timestamp(said["cutoff"])
        found.append(
            ServedVectors(
                race=said["race"],
                cutoff=cutoff,
                known=_known(said, features, online) or cutoff,
                service=workspace.job(said["model"]).definition.feature_set,
                model=said["model"],
                version=int(said["version"]),
                world=world(workspace.params),
                keys=ids,
                features=features,
                served_at=pd.Timestamp(said["at"]),
            )
        )
    return found, dict(left_out)


def _logged(
    workspace: Workspace, since: pd.Timestamp, at: pd.Timestamp
) -> Iterator[tuple[dict[str, Any], pd.DataFrame | None, pd.DataFrame]]:
    """Yield each vector of the log once, with the first answer within the time that was made from it."""
    seen = set[str]()
    for path in sorted((workspace.project.state / FOLDER).glob("*.jsonl")):
        for said, ids, features in vectors_served(path):
            if said["vectors"] not in seen and since <= pd.Timestamp(said["at"]) <= at:
                seen.add(said["vectors"])
                yield said, ids, features


def _irreproducible(
    workspace: Workspace, said: dict[str, Any], ids: pd.DataFrame | None, numbers: dict[str, int]
) -> str:
    if said["stage"] not in CUTOFF_COLUMN:
        return WITHIN
    if ids is None:
        return NO_KEYS
    if workspace.job(said["model"]).definition.features:
        return OWN
    return "" if set(ids["race_id"]) == {numbers.get(said["race"])} else ELSEWHERE


def _known(said: dict[str, Any], features: pd.DataFrame, online: list[ServedVectors]) -> pd.Timestamp | None:
    """Return what the online store knew when it served these very vectors; None of those that came from the frame of a race that was run."""
    for entry in online:
        own = features.iloc[: len(entry.features)].reset_index(drop=True)
        if (entry.race, entry.model) == (said["race"], said["model"]) and entry.features.equals(
            own.reindex(columns=entry.features.columns)
        ):
            return entry.known
    return None


def _race_numbers(workspace: Workspace) -> dict[str, int]:
    races = load_tables(workspace.project.tables, ["races"]).as_of()["races"]
    return {f"{row.season}-{row.round:02d}": int(row.race_id) for row in races.itertuples()}
