"""What an order will meet, before anything is trained: how much data, which features can be had, what it is held against, and what is in its way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from pitwall.domain.errors import PitwallError
from pitwall.domain.tables import load_tables
from pitwall.features import groups as all_groups
from pitwall.features.machinery.catalogue.unavailable import Unavailable, unavailable
from pitwall.ml.data.race_conditions import CONDITIONS
from pitwall.ml.estimators import Estimator
from pitwall.ml.estimators.shared.learners.device import CPU
from pitwall.ml.rows import RowKind
from pitwall.ml.templates import templates
from pitwall.ml.training.fixed_params import asked_devices
from pitwall.ml.training.walk_forward import read_by
from pitwall.workflows.bench.ordering import algorithms
from pitwall.workflows.bench.target import OWN, own_target, rules
from pitwall.workflows.orders.availability import GroupView, Seen, meaning
from pitwall.workflows.orders.checking import checked, chosen_groups, fitting_groups, kind_of, like, own_groups
from pitwall.workflows.orders.counts import ROWS, Counts, counts
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.workspace import Workspace

WIDTH = 8  # bytes of a number


@dataclass(frozen=True)
class Limit:
    """What a tier may train: on how much data (None is without a limit), and whether on a GPU."""

    tier: str = "local"
    megabytes: float | None = None
    gpu: bool = True


@dataclass(frozen=True)
class Algorithm:
    """An estimator of the question's family, why it cannot be chosen (empty where it can), and where it can be asked to learn."""

    name: str
    why_not: str
    devices: tuple[str, ...] = (CPU,)


@dataclass(frozen=True)
class Preview:
    """What an order will meet.

    Attributes:
        order: with its usual choices filled in.
        kind: of its rows.
        rows: that are chosen, those of races to come among them.
        races: that are chosen.
        seasons: the chosen ones that the data hold.
        all_seasons: of the data.
        all_circuits: references of those where the chosen seasons raced.
        size_mb: of the table that is learned from, in memory.
        limit: of the tier.
        groups: all that the rows can have, the question's own first.
        elsewhere: groups that only other rows have.
        absent: features that nobody's data here support.
        algorithms: of the question's family.
        baselines: the rules that it is held against, the one to beat first.
        by_outcome: conditions that are known only after a race: a model of such races answers about no race to come as such.
        in_the_way: why it cannot be trained; empty where it can.
    """

    order: TrainingOrder
    kind: RowKind
    rows: int
    races: int
    seasons: tuple[int, ...]
    all_seasons: tuple[int, ...]
    all_circuits: tuple[str, ...]
    size_mb: float
    limit: Limit
    groups: tuple[GroupView, ...]
    elsewhere: tuple[GroupView, ...]
    absent: tuple[Unavailable, ...]
    algorithms: tuple[Algorithm, ...]
    baselines: tuple[str, ...]
    by_outcome: tuple[str, ...]
    in_the_way: tuple[str, ...] = field(default=())

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that a model of this order learns from."""
        wanted = set(self.order.features)
        names = [each.feature.name for view in self.groups if view.chosen for each in view.features if each.usable]
        return tuple(name for name in names if not wanted or name in wanted)

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """What is part of the order and cannot be had, with why: (feature, reason)."""
        chosen = [each for view in self.groups if view.chosen for each in view.features if not each.usable]
        wanted = set(self.order.features)
        return tuple((each.feature.name, each.why) for each in chosen if not wanted or each.feature.name in wanted)


def preview(workspace: Workspace, order: TrainingOrder, limit: Limit = Limit()) -> Preview:
    """Return what an order will meet; costs the join of all features once per state of the data, then next to nothing.

    Args:
        workspace: of the project.
        order: what is asked for.
        limit: of the tier of who orders.

    Raises:
        UnknownName: the order names what is not there.
        UsageError: it cannot be an order.
    """
    filled = checked(order)
    kind, fitting = kind_of(filled), fitting_groups(filled)
    held = [group for group in fitting if set(group.keys) <= set(kind.columns)]
    found = counts(workspace, kind, filled.stage, held)
    races = found.chosen(filled.seasons, filled.circuits, filled.conditions)
    seen = _group_views(filled, kind, races, found)
    made = Preview(
        order=filled,
        kind=kind,
        rows=int(races[ROWS].sum()),
        races=len(races),
        seasons=_seasons(races),
        all_seasons=_seasons(found.races),
        all_circuits=tuple(sorted(set(found.chosen(filled.seasons)["circuit_id"].map(found.circuits).dropna()))),
        size_mb=0.0,
        limit=limit,
        groups=tuple(view for view in seen if view.group in fitting),
        elsewhere=tuple(view for view in seen if view.group not in fitting),
        absent=unavailable(workspace.project),
        algorithms=(),
        baselines=_baselines(filled, kind),
        by_outcome=tuple(name for name in filled.conditions if CONDITIONS[name].by_outcome),
    )
    return _weighed(workspace, made)


def _weighed(workspace: Workspace, made: Preview) -> Preview:
    """Return the preview with what follows from its features: its size, the algorithms, and what is in its way."""
    numbers = len(made.kind.columns) + len(made.features)
    size = made.rows * numbers * WIDTH / 1e6
    sized = replace(made, size_mb=size, algorithms=_algorithms(made))
    return replace(sized, in_the_way=tuple(_in_the_way(workspace, sized)))


def _group_views(order: TrainingOrder, kind: RowKind, races: pd.DataFrame, found: Counts) -> list[GroupView]:
    own, chosen = own_groups(order), chosen_groups(order)
    every = dict.fromkeys([*fitting_groups(order), *all_groups().values()])
    seen = Seen(order.stage, kind, races, found.empty)
    return [
        GroupView(
            group,
            meaning(group),
            group in own,
            group in chosen,
            tuple(seen.view(feature, group) for feature in group.features),
        )
        for group in every
    ]


def _seasons(races: pd.DataFrame) -> tuple[int, ...]:
    return tuple(sorted({int(season) for season in races["season"]}))


def _baselines(order: TrainingOrder, kind: RowKind) -> tuple[str, ...]:
    if order.custom:
        return tuple(sorted({name for family in OWN[order.task] for name in rules(family, kind)}))
    question = templates()[order.question]
    beaten = question.baseline_at(order.stage)
    return (beaten, *(name for name in question.baselines if name != beaten))


def _algorithms(made: Preview) -> tuple[Algorithm, ...]:
    """Return the estimators that could be meant, the question's usual one first."""
    order = made.order
    of = OWN[order.task] if order.custom else (like(order).family,)
    known = {name: plugin for family in of for name, plugin in algorithms(family).items()}
    usual = "" if order.custom else like(order).settings.estimator
    names = sorted(known, key=lambda name: (name != usual, name))
    there = {name for view in made.groups if view.chosen for name in view.group.names}
    return tuple(
        Algorithm(name, _why_not(known[name], made.features, there), asked_devices(known[name])) for name in names
    )


def _why_not(plugin: Estimator, features: tuple[str, ...], there: set[str]) -> str:
    lacking = [name for name in read_by(plugin, features) if name not in there]
    return f"it reads {', '.join(lacking)}, which the chosen groups lack" if lacking else ""


def _in_the_way(workspace: Workspace, made: Preview) -> list[str]:
    """Return why an order cannot be trained."""
    order, said = made.order, list[str]()
    if not made.rows:
        said.append("no race is left: choose more seasons, circuits or conditions")
    elif len(made.seasons) < 2:
        said.append(f"one season is too few: one is learned from, and one judged; found {made.seasons[0]}")
    if not made.features:
        said.append(f"no chosen feature has a value at {order.stage}: choose other groups or another stage")
    if order.custom and order.baseline not in made.baselines:
        named = f"found {order.baseline!r}" if order.baseline else "none is named"
        said.append(f"a question of your own needs the rule that a model must beat; {named}")
    chosen = next((each for each in made.algorithms if each.name == order.algorithm), None)
    if chosen is not None and chosen.why_not:
        said.append(f"{order.algorithm}: {chosen.why_not}")
    if chosen is not None and order.device not in chosen.devices:
        said.append(f"{order.algorithm} learns on the processor alone; found device {order.device}")
    if order.device != CPU and not made.limit.gpu:
        said.append(f"the tier {made.limit.tier} has no GPU")
    if made.limit.megabytes is not None and made.size_mb > made.limit.megabytes:
        said.append(
            f"{made.size_mb:.1f} MB are more than the tier {made.limit.tier} may train on ({made.limit.megabytes:g} MB)"
        )
    return [*said, *_no_answers(workspace, order)]


def _no_answers(workspace: Workspace, order: TrainingOrder) -> list[str]:
    """Return why a column of a table cannot be asked for; found only by reading it."""
    if not order.custom or not order.baseline:
        return []
    kind, tables = kind_of(order), load_tables(workspace.project.tables)
    rows = kind.spine(tables, order.stage)
    try:
        own_target(order.task, order.question, order.baseline, kind=kind, tables=tables, extra=rows[list(kind.key)])
    except PitwallError as error:
        return [str(error).removesuffix(".")]
    return []
