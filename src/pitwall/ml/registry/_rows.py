"""Write a decision down and carry it out, in this order; finish what a crash cut short.

The row in the history is the point of no return: until it is on disk nothing has happened, from then on the aliases are
made what it says, again after a crash if need be. Setting an alias twice does nothing, so carrying out a row does not
depend on how far it had come.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.domain.ports import History, ModelVersion, Registry
from pitwall.domain.records.aliases import ACTIVE, ARCHIVED, CHAMPION, STAGE_TAG
from pitwall.domain.refs import Promotion, Verdict
from pitwall.ml.registry.outside import outside_move

log = logging.getLogger(__name__)

Row = dict[str, Any]
DECISIONS = ("baseline", "promoted", "refused", "rolled_back")
NOBODY = "unknown"


def recover(registry: Registry, history: History) -> str | None:
    """Finish the move that a crash cut short, if there is one; return what was done."""
    with history.locked():
        return finish(registry, history)


def finish(registry: Registry, history: History) -> str | None:
    """Do what `recover` does while holding the lock."""
    row = history.unsettled()
    if row is None:
        return None
    carry_out(registry, row)
    history.settle(row)
    said = f"row {row['seq']} of the history ({row['kind']} {row['model']} version {row['version']}) was cut short; it is finished now"
    log.warning("%s", said)
    return said


def record(registry: Registry, history: History, kind: str, content: Mapping[str, Any]) -> Row:
    """Write a row, carry it out and settle it; call it while holding the lock, after `finish`."""
    row = history.append(kind, content)
    carry_out(registry, row)
    history.settle(row)
    return row


def carry_out(registry: Registry, row: Mapping[str, Any]) -> None:
    """Make the registry what a row says; doing it again changes nothing.

    Readers without the lock see the old champion until one call has made the new one.
    """
    model, stages = row["model"], {int(version): stage for version, stage in row.get("stages", {}).items()}
    if row["kind"] in DECISIONS:
        registry.tag(model, row["version"], _tags(row))
    for version, stage in stages.items():
        registry.tag(model, version, {STAGE_TAG: ARCHIVED if stage == ARCHIVED else ACTIVE})
    for version, stage in sorted(stages.items(), key=lambda item: item[1] == CHAMPION):
        if stage != ARCHIVED:
            registry.set_alias(model, stage, version)
    for alias, holder in registry.aliases(model).items():
        if holder in stages and stages[holder] != alias:
            registry.drop_alias(model, alias)


def notice(registry: Registry, history: History, model: str) -> ModelVersion | None:
    """Return the champion; one that no row made is written down as moved by somebody else, from now on."""
    champion = registry.alias(model, CHAMPION)
    if champion is None or (found := outside_move(registry, history, model)) is None:
        return champion
    content = {
        "model": model,
        "version": champion.version,
        "previous": None,
        "by": NOBODY,
        "why": f"{found.reason}; noticed now",
        "stages": {str(champion.version): CHAMPION},
    }
    record(registry, history, "outside", content)
    return champion


def promotion_of(row: Mapping[str, Any], verdicts: Sequence[Verdict] = ()) -> Promotion:
    """Return the reference to a move."""
    return Promotion(row["model"], row["version"], row["previous"], row["at"], row["by"], row["why"], tuple(verdicts))


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "promotion.kind": row["kind"],
        "promotion.at": row["at"],
        "promotion.by": row["by"],
        "promotion.why": row["why"],
        "promotion.previous": "none" if row["previous"] is None else str(row["previous"]),
        "promotion.verdicts": json.dumps(row.get("verdicts", [])),
    }
