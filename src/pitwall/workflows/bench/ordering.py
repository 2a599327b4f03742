"""From what somebody asks to the spec of a model: the question, the rows with their features, the algorithm and how it is judged.

Notebooks and orders come through here alike, so that the same choice is the same spec, byte for byte, whoever made it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import TuningParams
from pitwall.features import groups
from pitwall.features.machinery.custom.auto import Generated
from pitwall.features.machinery.custom.history import HistoryFeature
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.estimators import Estimator, estimators
from pitwall.ml.models import model
from pitwall.ml.specs import ModelSpec, OwnFeature, OwnGroup
from pitwall.ml.specs.code import source_of
from pitwall.ml.specs.store import LABELS, ROWS, file_of
from pitwall.ml.templates import templates
from pitwall.ml.training.fixed_params import with_params
from pitwall.ml.training.folds import asked_folds
from pitwall.ml.training.walk_forward import read_by
from pitwall.workflows.bench.rows import Given
from pitwall.workflows.bench.target import Ordered
from pitwall.workflows.workspace import Workspace

SEED = 7
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What is asked, on which rows, before an algorithm is named.

    Attributes:
        spec: without an algorithm.
        files: beside the spec: the rows, and labels that no function makes.
        family: of its answers.
        there: all columns of the rows that are features.
    """

    spec: ModelSpec
    files: dict[str, bytes]
    family: str
    there: tuple[str, ...]


@dataclass(frozen=True)
class Learning:
    """How a model learns and is judged.

    Attributes:
        algorithm: an estimator of the question's family, or a name that people give it.
        auto_tune: True for as many trials as the project's models get, a number of trials, or settings as below `tuning` of params.yaml.
        folds: how many of the newest seasons are judged; or `expanding` or `rolling`.
        window_seasons: how many seasons `rolling` folds learn from.
        embargo_races: left out between what is learned from and what is scored.
        params: of the estimator, where they are others than its defaults.
        seed: of every random choice.
    """

    algorithm: str
    auto_tune: bool | int | Mapping[str, Any] = False
    folds: object = None
    window_seasons: int | None = None
    embargo_races: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = SEED


def asked(rows: Given, ordered: Ordered, selection: Mapping[str, Any], features: Sequence[str] | None = None) -> Asked:
    """Return what is asked about some rows.

    Args:
        rows: of the store.
        ordered: the question.
        selection: how the rows were chosen, for people.
        features: columns to learn from; all of the rows' when None. One without any value is left out.

    Raises:
        UnknownName: the rows lack a feature; offers the nearest one.
        UsageError: no feature is left to learn from, or a function of the session cannot be kept.
    """
    wanted, empty = _with_values(rows, features)
    keys = file_of(rows.frame[list(rows.kind.key)])
    custom = [group for group in rows.custom if set(group.names) & set(wanted)]
    spec = ModelSpec(
        target=ordered.name,
        stage=rows.stage,
        rows=rows.kind.name,
        features=wanted,
        algorithm="",
        keys=hashlib.sha256(keys).hexdigest(),
        first_season=int(rows.frame["season"].min()),
        empty=empty,
        own=ordered.own,
        labels=ordered.labels_sha256,
        **_own_features(custom),
        selection=dict(selection),
    )
    family = model(templates()[ordered.name].model).family if ordered.own is None else ordered.own.family
    files = {ROWS: keys, **({LABELS: ordered.labels} if ordered.labels else {})}
    return Asked(spec, files, family, rows.features)


def settled(workspace: Workspace, what: Asked, how: Learning) -> ModelSpec:
    """Return the whole spec: what is asked, and how it is learned.

    Args:
        workspace: of the project, whose search is the usual one.
        what: is asked.
        how: it is learned and judged.

    Raises:
        ShuffledFolds: a shuffled K-fold was asked for.
        UnknownName: there is no such algorithm, parameter or setting; offers the nearest one.
        UsageError: the rows lack a column that the algorithm reads, or a setting is out of range.
    """
    seasons = how.folds if isinstance(how.folds, int) and not isinstance(how.folds, bool) else 0
    forward = asked_folds(None if seasons else how.folds, how.window_seasons, how.embargo_races)
    chosen = algorithm_of(what.family, how.algorithm)
    plugin = with_params(estimators(what.family)[chosen], how.params)
    _check_read(plugin, what.spec.features, what.there)
    return replace(
        what.spec,
        algorithm=chosen,
        params=dict(how.params),
        tuning=_tuning(workspace, how.auto_tune),
        folds=forward.model_dump() if forward else {},
        held_out_seasons=seasons,
        seed=how.seed,
    )


def algorithms(family: str) -> dict[str, Estimator]:
    """Return the estimators of a family that learn, by name: no rules to beat."""
    return {name: plugin for name, plugin in estimators(family).items() if plugin.role == "model"}


def algorithm_of(family: str, name: str) -> str:
    """Return the estimator of a family that people mean by a name.

    Raises:
        UnknownName: there is none, or it is a rule to beat; offers the nearest one.
    """
    known = algorithms(family)
    also = {other: each for each, plugin in known.items() for other in getattr(plugin, "also", ())}
    if name not in known and name not in also:
        raise UnknownName(f"{family} algorithm", name, [*known, *also])
    return name if name in known else also[name]


def _with_values(rows: Given, features: Sequence[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the wanted features that have a value in some row, and those that have none."""
    wanted = rows.features if features is None else tuple(features)
    for name in wanted:
        if name not in rows.features:
            raise UnknownName("feature of the data", name, rows.features)
    empty = tuple(name for name in wanted if rows.frame[name].isna().all())
    if empty:
        log.warning("left out, as no row has a value of it: %s", ", ".join(empty))
    left = tuple(name for name in wanted if name not in empty)
    if not left:
        raise UsageError("there is no feature to learn from; ask `get_features` for some feature groups.")
    return left, empty


def _tuning(workspace: Workspace, wish: bool | int | Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the search; one trial, that of the given parameters, where none is asked for."""
    usual = workspace.params.tuning
    if isinstance(wish, Mapping):
        unknown = [name for name in wish if name not in TuningParams.model_fields]
        if unknown:
            raise UnknownName("setting of the search", unknown[0], TuningParams.model_fields)
        settings = TuningParams(**{**usual.model_dump(), **wish})
    else:
        trials = usual.trials if wish is True else max(int(wish), 1)
        settings = usual.model_copy(update={"trials": trials})
    return settings.model_dump(mode="json")


def _check_read(plugin: Estimator, features: tuple[str, ...], there: tuple[str, ...]) -> None:
    """Say which columns an algorithm of fixed columns does not read; raise UsageError where the data lack one that it does.

    Args:
        plugin: the algorithm.
        features: that are to be learned from.
        there: all of the data's, those without any value too.
    """
    read = read_by(plugin, features)
    if lacking := [name for name in read if name not in there]:
        owners = sorted({group.name for group in groups().values() if set(group.names) & set(lacking)})
        raise UsageError(
            f"{plugin.name} reads columns of its own choice and the data lack {', '.join(lacking)}; ask "
            f"`get_features` for {', '.join(owners)} too, or take an algorithm that learns from any columns."
        )
    if unread := [name for name in features if name not in read]:
        log.warning("%s reads %d columns of its own choice; not read: %s", plugin.name, len(read), ", ".join(unread))


def _own_features(session: Sequence[FeatureGroup]) -> dict[str, Any]:
    """Return features of the session as a spec keeps them.

    Raises:
        UsageError: a function cannot be kept; says why.
    """
    custom, generated = [], []
    for group in session:
        made = getattr(group.compute, "__self__", None)
        if isinstance(made, Generated):
            columns = {name: source_of(each) if each else "" for name, each in made.own_functions().items()}
            generated.append(OwnGroup(group.name, columns, tuple(group.names)))
            continue
        assert isinstance(made, HistoryFeature)  # a session registers nothing else
        said = {name: getattr(made, name) for name in ("name", "unit", "meaning", "version", "needs", "vectorised")}
        custom.append(OwnFeature(**said, source=source_of(made.function)))
    return {"custom": tuple(custom), "generated": tuple(generated)}
