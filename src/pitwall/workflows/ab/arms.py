"""Both versions forecast a race while a challenger runs: the one that the race belongs to answers, the other one is its shadow.

A challenger that fails stops nobody: the champion answers, and the record says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pitwall.domain import clock
from pitwall.domain.errors import PitwallError
from pitwall.domain.ports import ModelVersion
from pitwall.domain.records.ab_rows import ARM, OF_TEST, SERVED, SHADOW, DeclaredTest, failed_row, label
from pitwall.domain.records.aliases import CHALLENGER, CHAMPION
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.forecasting.forecast import Forecast
from pitwall.workflows.ab.declare import settle
from pitwall.workflows.workspace import Workspace

log = logging.getLogger(__name__)

MARKED = "shadow"  # what a challenger without a declared test is called
BROKEN = "{}: version {} (challenger) did not answer ({}); version {} (champion) does"


@dataclass(frozen=True)
class Arms:
    """What was said of a race.

    Attributes:
        served: the answer.
        shadow: of the other version; None where none runs, or it failed.
    """

    served: Forecast
    shadow: Forecast | None = None


def both(
    workspace: Workspace,
    made: Forecast,
    ask: Callable[[], Forecast],
    *,
    what_if: bool = False,
    now: datetime | None = None,
) -> Arms:
    """Return the champion's forecast beside that of its challenger, if one runs and the race belongs to what it runs for.

    Args:
        workspace: of the project; the caller holds its lock.
        made: the champion's forecast.
        ask: makes the challenger's.
        what_if: it counts for nothing, so nobody shadows it.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.
    """
    test = settle(workspace, made.model, now) if made.stage in CUTOFF_COLUMN else None
    challenger = _challenger(workspace, made, test, now or clock.now())
    if challenger is None:
        return Arms(made)
    role, title = (test.arm(made.race), test.title) if test else (CHAMPION, MARKED)
    if what_if and role == CHAMPION:
        return Arms(_labelled(made, test, title, challenger.version))
    try:
        theirs = ask()
    except Exception as error:  # noqa: BLE001 - a shadow may fail in any way; the race is forecast all the same
        return Arms(_failed(workspace, made, test, challenger, error, now))
    mine, other = (made, theirs) if role == CHAMPION else (theirs, made)
    answer = _labelled(mine, test, title, other.version)
    return Arms(answer, None if what_if else _arm(other, test, SHADOW))


def _challenger(workspace: Workspace, made: Forecast, test: DeclaredTest | None, now: datetime) -> ModelVersion | None:
    """Return the version that runs beside the champion at a race: in a test at its races, else before sessions that are to come."""
    if made.stage not in CUTOFF_COLUMN:
        return None
    if not (test.takes_part(made.cutoff) if test else datetime.fromisoformat(made.cutoff) > now):
        return None
    return workspace.registry.alias(made.model, CHALLENGER)


def _labelled(made: Forecast, test: DeclaredTest | None, title: str, other: int) -> Forecast:
    said = label(title, made.role, made.version, other)
    return _arm(replace(made, labels=(said, *made.labels)), test, SERVED)


def _arm(made: Forecast, test: DeclaredTest | None, arm: str) -> Forecast:
    of = {OF_TEST: test.hash} if test else {}
    return replace(made, provenance={**made.provenance, ARM: arm, **of})


def _failed(  # noqa: PLR0917  (who failed at what, and when)
    workspace: Workspace,
    made: Forecast,
    test: DeclaredTest | None,
    challenger: ModelVersion,
    error: Exception,
    now: datetime | None,
) -> Forecast:
    why = str(error) if isinstance(error, PitwallError) else type(error).__name__
    log.warning(
        "version %d of %s, the challenger, did not forecast %s: %s", challenger.version, made.model, made.race, why
    )
    about = {
        "model": made.model,
        "race": made.race,
        "stage": made.stage,
        "version": challenger.version,
        "role": CHALLENGER,
    }
    workspace.record.add([failed_row(test, about, why)], now)
    said = BROKEN.format(test.title if test else MARKED, challenger.version, why, made.version)
    return _arm(replace(made, labels=(said, *made.labels)), test, SERVED)
