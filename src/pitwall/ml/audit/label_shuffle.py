"""Label shuffle: what a feature says before a race must not depend on which car got which outcome in it.

Asked twice. With the outcomes of a race and of all later ones dealt anew among the cars, nothing said before it may move
(bits decide). And with the outcomes of every race dealt anew, no feature can know better than chance which car got
which: then the rank correlations of n cars with their dealt outcomes have mean 0 and variance 1 / (n - 1) exactly.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.known import as_known
from pitwall.features.machinery.replay import Violation, differences
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import Finding, Level, from_violations
from pitwall.ml.audit._labels import OUTCOME_TABLES, correlations
from pitwall.ml.audit._subject import OUTCOMES, Audited

NAME = "label_shuffle"
MOVED = "change when the outcomes of races that were still to come are dealt anew"
FOUND, WARNED = 5.5, 4.5  # standard errors: about 4e-8 and 7e-6, per feature and outcome


def _run(audited: Audited) -> list[Finding]:
    if not set(audited.group.reads) & set(OUTCOME_TABLES):
        return []
    return from_violations(NAME, audited.group, _violations(audited)) + _skilled(audited)


def _violations(audited: Audited) -> list[Violation]:
    group, subject = audited.group, audited.subject
    found = []
    for race in subject.some_races(subject.effort.cutoffs, salt=2):
        start = subject.start_of(race)
        dealt = build_group(group, subject.dealt_from(race), subject.params)
        found += differences(group, dealt, audited.full, start, MOVED)
    return found


def _skilled(audited: Audited) -> list[Finding]:
    """Return the features that know dealt outcomes better than chance."""
    worlds = [_known(audited, tables, dealt) for tables, dealt in audited.subject.worlds]
    found = []
    for name in audited.group.names:
        scores = {outcome: _standard_score(worlds, name, outcome) for outcome in OUTCOMES}
        outcome, (score, cars) = max(scores.items(), key=lambda item: abs(item[1][0]))
        if abs(score) > WARNED:
            reason = f"know the {outcome} that was dealt by chance, {abs(score):.1f} standard errors better than chance"
            level: Level = "finding" if abs(score) > FOUND else "warning"
            example = {"standard_errors": round(score, 1), "limit": FOUND}
            found.append(Finding(NAME, level, audited.group.name, name, cars, example, reason))
    return found


def _known(audited: Audited, tables: Tables, dealt: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return, per car of a shuffled world, its race, its dealt outcomes and what the features say before the race."""
    cars, group = audited.subject.cars, audited.group
    known = as_known(cars, group, build_group(group, tables, audited.subject.params))
    columns = pd.concat([cars["race_id"], dealt, known[group.names]], axis=1)
    return {str(name): values.to_numpy() for name, values in columns.items()}


def _standard_score(worlds: list[dict[str, np.ndarray]], name: str, outcome: str) -> tuple[float, int]:
    """Return sum(rho) / sqrt(sum(1 / (n - 1))) over all races of all worlds, and the number of cars."""
    rho, cars = zip(*(correlations(world[name], world[outcome], world["race_id"]) for world in worlds), strict=True)
    size = np.concatenate(cars)
    if not len(size):
        return 0.0, 0
    return float(np.concatenate(rho).sum() / np.sqrt((1 / (size - 1)).sum())), int(size.sum())


CHECK = Check(
    NAME,
    "With outcomes dealt anew, nothing said before a race moves and no feature knows them",
    "use of the outcomes of the own or of later races; the statistic looks at every race, so also where bits were not compared",
    "leaks of anything but outcomes of cars; the statistic needs a leak that shows in most rows",
    _run,
    follows="stage",
)
