"""Is the frame whole? Every row that was asked for, in order, and no feature that is empty or infinite.

What a model declares optional may be empty in a project whose sources never told it; where it was told once and is told no more, that
is a fault as of any other feature.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pitwall.domain.errors import FrameError
from pitwall.domain.refs import Verdict
from pitwall.ml.gates._gate import Candidate, Gate
from pitwall.ml.models.machinery.frames import check_frame
from pitwall.ml.rows import feature_columns

NAME = "complete_frame"
COMPLETE = ("pre_race", "in_race")  # stages at which every session of the weekend was held


def _check(candidate: Candidate) -> list[Verdict]:
    faults = [*_row_faults(candidate), *_value_faults(candidate)]
    spine, frame = len(candidate.spine), len(candidate.frame)
    reason = "; ".join(faults) or f"{frame} rows for {spine} asked, {len(feature_columns(candidate.frame))} features"
    return [Verdict(NAME, not faults, float(frame), float(spine), "rows", reason)]


def _row_faults(candidate: Candidate) -> list[str]:
    try:
        check_frame(candidate.spine, candidate.frame, candidate.definition.kind)
    except FrameError as error:
        return [str(error)]
    return []


def _value_faults(candidate: Candidate) -> list[str]:
    chosen = candidate.definition.features  # a user's model reads some columns of its groups, others all of them
    expected = {name for group in candidate.groups for name in group.names if not chosen or name in chosen}
    present = feature_columns(candidate.frame)
    faults = [f"feature {name} is missing" for name in sorted(expected - set(present))]
    judged = candidate.frame[candidate.frame["season"].isin(candidate.own["season"])]
    early, never_told = _may_be_empty(candidate), _never_told(candidate)
    for name in present:
        if candidate.frame[name].isna().all() or (judged[name].isna().all() and not judged.empty):
            if name not in early | never_told:
                faults.append(f"feature {name} has no value in the judged seasons")
        elif np.isinf(candidate.frame[name]).any():
            faults.append(f"feature {name} is infinite in {int(np.isinf(candidate.frame[name]).sum())} rows")
    return faults


def _may_be_empty(candidate: Candidate) -> set[str]:
    """Return what does not exist yet at an early stage: the features of the weekend's own sessions."""
    if candidate.stage in COMPLETE:
        return set()
    return {name for group in candidate.groups if "race" in group.entities for name in group.names}


def _never_told(candidate: Candidate) -> set[str]:
    """Return the features of optional groups of which no source of the project has told anything."""
    groups = [group for group in candidate.groups if group.name in candidate.definition.optional]
    return {
        name for group in groups for name in group.names if candidate.frame[list(group.names)].isna().all(axis=None)
    }


def _short(good: Candidate) -> Candidate:
    return replace(good, frame=good.frame.drop(index=good.frame.index[len(good.frame) // 2]))


GATE = Gate(NAME, "The frame is complete: rows in = rows out, every feature filled and finite", _check, _short)
