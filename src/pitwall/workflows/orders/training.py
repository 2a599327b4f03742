"""Run an order: its rows from the feature store, then the very training that notebooks order."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.access.sharing import ORIGIN_TAG
from pitwall.domain.tables import load_tables
from pitwall.ml.data.feature_plan import FeaturePlan
from pitwall.ml.data.feature_rows import FeatureRows, joined
from pitwall.ml.data.selection import READS, DataSelection
from pitwall.ml.estimators.shared.learners.device import settled_device
from pitwall.ml.specs import ModelSpec
from pitwall.workflows.bench.drafts import Draft, train_draft
from pitwall.workflows.bench.ordering import Asked, Learning, asked, settled
from pitwall.workflows.bench.rows import Given
from pitwall.workflows.bench.target import Ordered, own_target
from pitwall.workflows.orders.checking import checked, chosen_groups, kind_of
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Settled:
    """An order on the data of today: its spec, the files beside it, and what its run is tagged with: the bundle that it was forked from."""

    spec: ModelSpec
    files: dict[str, bytes]
    tags: dict[str, str]


def train(workspace: Workspace, order: TrainingOrder) -> Draft:
    """Train what an order asks for; the same order on the same data again takes the place of the earlier draft.

    Args:
        workspace: of the project that we are in.
        order: what is asked for.

    Raises:
        UnknownName, UsageError: there is no such name, or the selection is empty.
        StageError: there is too little to learn from.
    """
    found = settle(workspace, order)
    return train_draft(workspace, found.spec, found.files, tags=found.tags)


def settle(workspace: Workspace, order: TrainingOrder) -> Settled:
    """Return the spec of an order: which rows, which columns have a value, which labels there are; raises as `train`."""
    filled = checked(order)
    what = _asked(workspace, filled)
    params = settled_device(filled.device)
    how = Learning(filled.algorithm, filled.auto_tune, filled.folds or None, params=params, seed=filled.seed)
    tags = {ORIGIN_TAG: filled.forked_from} if filled.forked_from else {}
    return Settled(settled(workspace, what, how), what.files, tags)


def selection_of(workspace: Workspace, order: TrainingOrder) -> DataSelection:
    """Return which rows an order is about."""
    kind = kind_of(order)
    return DataSelection.of(
        load_tables(workspace.project.tables, list(dict.fromkeys([*READS, *kind.reads]))),
        list(order.seasons) or None,
        circuits=list(order.circuits) or None,
        conditions=order.conditions or None,
        stage=order.stage,
        rows=kind.name,
    )


def _asked(workspace: Workspace, order: TrainingOrder) -> Asked:
    chosen = selection_of(workspace, order)
    rows = _rows(workspace, order, chosen)
    return asked(rows, _question(workspace, order, rows), chosen.as_dict(), order.features or None)


def _rows(workspace: Workspace, order: TrainingOrder, chosen: DataSelection) -> Given:
    """Return the rows of a selection with the features of the order's groups, as known at each cut-off."""
    stored = chosen_groups(order)
    features = tuple(dict.fromkeys(name for group in stored for name in group.names))
    spine = chosen.spine(load_tables(workspace.project.tables, chosen.reads))
    plan = FeaturePlan(stored, (), features)
    frame = joined(spine, plan, workspace.features, FeatureRows(workspace.project))
    kind = kind_of(order)
    return Given(kind, order.stage, frame, features, (), frame[list(kind.key)])


def _question(workspace: Workspace, order: TrainingOrder, rows: Given) -> Ordered:
    if not order.custom:
        return Ordered(order.question)
    tables = load_tables(workspace.project.tables)
    return own_target(order.task, order.question, order.baseline, kind=rows.kind, tables=tables, extra=rows.extra)
