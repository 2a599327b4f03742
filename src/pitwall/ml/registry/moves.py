"""Move a version between the stages that need no gates: candidate, staging, challenger, archived.

A person does that, by name and with a note; `pitwall.domain.records.aliases.LEGAL` says from where to where.
"""

from __future__ import annotations

from pitwall.domain.errors import IllegalMove, UsageError
from pitwall.domain.ports import History, ModelVersion, Registry
from pitwall.domain.records.aliases import ALIASES, ARCHIVED, CHAMPION, PREVIOUS, check_move, stage_of, stage_word
from pitwall.ml.registry._rows import Row, finish, record

BY_HAND = tuple(alias for alias in (*ALIASES, ARCHIVED) if alias not in {CHAMPION, PREVIOUS})


def move(registry: Registry, history: History, version: ModelVersion, stage: str, *, by: str, note: str) -> Row:
    """Move a version to a stage and return the row of the history.

    Args:
        registry: of the model versions.
        history: of their moves.
        version: the version to move.
        stage: its new stage, in any of the words of `pitwall.domain.records.aliases`.
        by: who moves it.
        note: why.

    Raises:
        UnknownName: no such stage.
        IllegalMove: from where the version stands it cannot go there; names the legal stages.
        UsageError: the name or the note is empty.
    """
    target = stage_word(stage)
    if not by.strip() or not note.strip():
        raise UsageError("moving a version needs the name of a person and a note that says why.")
    with history.locked():
        finish(registry, history)
        fresh = registry.get(version.model, version.version)
        present = stage_of(fresh, registry.aliases(version.model))
        if target not in BY_HAND:
            raise IllegalMove(f"{fresh.model} version {fresh.version}", present, f"{target} by hand", BY_HAND)
        check_move(fresh, present, target)
        content = {"model": fresh.model, "version": fresh.version, "by": by.strip(), "why": note.strip()}
        stages = {"previous": _holder(registry, fresh.model, target), "stages": {str(fresh.version): target}}
        return record(registry, history, "moved", {**content, "from": present, **stages})


def _holder(registry: Registry, model: str, alias: str) -> int | None:
    return registry.aliases(model).get(alias)
