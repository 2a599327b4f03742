"""Find a champion that no row of the history made: somebody moved the alias past Pitwall, e.g. on MLflow's page."""

from __future__ import annotations

from pitwall.domain.ports import History, Registry
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.records.chain import NEXT_TAG, Break
from pitwall.ml.registry.champion_tenures import reigns


def outside_move(registry: Registry, history: History, model: str) -> Break | None:
    """Return what is wrong with the champion of one model; None where it is the one of the history."""
    champion, known = registry.alias(model, CHAMPION), reigns(history.rows(model))[-1:]
    held = champion.version if champion else None
    by_history = known[0].version if known else None
    if held == by_history or registry.model_tags(model).get(NEXT_TAG):  # a move under way, or cut short
        return None
    seq = known[0].seq if known else None
    return Break(
        seq, f"the champion of {model} is version {held}, by the history version {by_history}: moved outside of Pitwall"
    )


def outside_moves(registry: Registry, history: History) -> list[Break]:
    """Return what is wrong with the champions of all models."""
    models = sorted({*registry.models(), *(row["model"] for row in history.rows() if row.get("model"))})
    return [found for model in models if (found := outside_move(registry, history, model)) is not None]
