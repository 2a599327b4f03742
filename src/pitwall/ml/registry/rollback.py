"""Give the place of the champion back to a version that held it before, at once and without gates.

The version that is rolled back is archived: otherwise the next scheduled run would promote it again. Who wants it back
offers it anew (`pitwall registry promote NAME --version V --to candidate`), and it goes through all gates.
"""

from __future__ import annotations

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import History, ModelVersion, Registry
from pitwall.domain.records.aliases import ARCHIVED, CHAMPION, PREVIOUS
from pitwall.domain.refs import Promotion
from pitwall.ml.registry._rows import finish, notice, promotion_of, record
from pitwall.ml.registry.champion_tenures import reigns, succession


def rollback(
    registry: Registry, history: History, model: str, *, to: int | None = None, by: str, note: str
) -> Promotion:
    """Make an earlier champion the champion again.

    Args:
        registry: of the model versions.
        history: that knows who was champion.
        model: registered name.
        to: which of the earlier champions; None for the one before the present one.
        by: who does it.
        note: why.

    Raises:
        UsageError: there is nobody to go back to, `to` was never champion or is now, the note is empty, or the history
            was changed and nobody says where to go back to: it is not believed by itself then.
        TrackingError: the files of that version are gone or were changed; the champion stays.
    """
    if not by.strip() or not note.strip():
        raise UsageError("a rollback needs the name of a person and a note that says why.")
    with history.locked():
        finish(registry, history)
        champion = notice(registry, history, model)
        target = _target(history, model, champion, to)
        registry.fetch(model, target)  # a champion that cannot answer would be worse than the one there is
        line = succession(history.rows(model))
        content = {
            "model": model,
            "version": target,
            "previous": champion.version if champion else None,
            "by": by.strip(),
            "why": note.strip(),
            "stages": _stages(registry, model, line, target),
        }
        return promotion_of(record(registry, history, "rolled_back", content))


def _target(history: History, model: str, champion: ModelVersion | None, to: int | None) -> int:
    """Return the version to go back to."""
    if champion is None:
        raise UsageError(f"{model} has no champion, so there is nothing to roll back; `pitwall promote {model}`.")
    earlier = succession(history.rows(model))[:-1]
    if to is None and (found := history.verify()):
        raise UsageError(
            f"the history was changed ({found[0].reason}), so say yourself which version to go back to: --to V."
        )
    if to is None:
        if not earlier:
            raise UsageError(f"version {champion.version} is the first champion of {model}; there is none before it.")
        return earlier[-1]
    known = sorted({reign.version for reign in reigns(history.rows(model))} - {champion.version})
    if to not in known:
        names = ", ".join(map(str, known)) or "none"
        raise UsageError(
            f"version {to} of {model} was never champion before the present one; those that were: {names}."
        )
    return to


def _stages(registry: Registry, model: str, line: list[int], target: int) -> dict[str, str]:
    """Return the stages that the rollback makes: who was gone back over is archived, the one below is kept ready."""
    below = line[: line.index(target)] if target in line else line[:-1]
    over = {line[-1], *(line[line.index(target) + 1 :] if target in line else [])}
    ready = registry.alias(model, PREVIOUS)
    if ready is not None:
        over.add(ready.version)
    stages = dict.fromkeys(sorted(over), ARCHIVED)
    if below:
        stages[below[-1]] = PREVIOUS
    stages[target] = CHAMPION
    return {str(version): stage for version, stage in stages.items()}
