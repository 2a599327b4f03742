"""`pw.ModelBuilder`: a question, data, an algorithm; what comes back is trained, judged on seasons it has not seen, and recorded."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import TuningParams
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
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
from pitwall.workflows.bench.drafts import train_draft
from pitwall.workflows.notebook.bench.rows import Given, given
from pitwall.workflows.notebook.bench.target import Ordered, Target, check_task, own_target
from pitwall.workflows.notebook.bench.trained import TrainedModel
from pitwall.workflows.workspace import Workspace

SEED = 7
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Order:
    """An order without an algorithm: its spec and the files beside it, the family of its answers, and all columns of its rows."""

    spec: ModelSpec
    files: dict[str, bytes]
    family: str
    there: tuple[str, ...]


class ModelBuilder:
    """Builds models of one question.

    Args:
        task: "classification" or "regression".
        target: the name of a template (`race_winner`, `dnf`, `lap_time`, ...); or a target of your own: a column of the data, a column
            of a table (`results.points`), a function of tables, or a table of labels by the key of the rows.
        baseline: the rule that models must beat, of a target of your own; that of the template else.
        name: of a target of your own; that of its function or column when empty.
        project: the one that we are in when None.
        workspace: its tools, where they are open already.

    Raises:
        UnknownName: there is no such task.
        UsageError: the template is a question of another task.

    Example:
        `ModelBuilder(task="classification", target="race_winner").train(data, algorithm="xgboost", auto_tune=True)`
    """

    def __init__(
        self,
        task: str,
        target: Target,
        *,
        baseline: str = "",
        name: str = "",
        project: Project | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        check_task(task, target)
        if baseline and isinstance(target, str) and target in templates():
            raise UsageError(
                f"{target} has its own baselines to beat; leave baseline out, or give a target of your own."
            )
        self.task, self.target = task, target
        self._baseline, self._name = baseline, name
        self._workspace = workspace or Workspace(project)

    def train(
        self,
        data: pd.DataFrame,
        algorithm: str = "xgboost",
        *,
        auto_tune: bool | int | Mapping[str, Any] = False,
        features: Sequence[str] | None = None,
        folds: object = None,
        window_seasons: int | None = None,
        embargo_races: int = 0,
        params: Mapping[str, Any] | None = None,
        seed: int = SEED,
    ) -> TrainedModel:
        """Train a model on rows of the project's feature store, judged walking forward over the newest of their seasons.

        Args:
            data: of `FeatureStore.get_features`, or a part of its rows.
            algorithm: an estimator of the question's family.
            auto_tune: search its parameters on seasons before the judged ones: True for as many trials as the project's models get, a
                number of trials, or settings as below `tuning` of params.yaml.
            features: columns to learn from; all of the data's when None.
            folds: how many of the newest seasons are judged, each by what was learned before it; or `expanding` or `rolling`.
            window_seasons: how many seasons `rolling` folds learn from.
            embargo_races: left out between what is learned from and what is scored.
            params: of the estimator, where they are to be others than its defaults; no search moves them.
            seed: of every random choice.

        Raises:
            ShuffledFolds: a shuffled K-fold was asked for, or a splitter of scikit-learn was given.
            UnknownName: there is no such algorithm, feature or parameter; offers the nearest one.
            UsageError: the data are not those of the store, or a setting is out of range.
            StageError: there is too little to learn from.
        """
        seasons = folds if isinstance(folds, int) and not isinstance(folds, bool) else 0
        forward = asked_folds(None if seasons else folds, window_seasons, embargo_races)
        order = self.order(data, features)
        spec = order.spec
        chosen = algorithm_of(order.family, algorithm)
        plugin = with_params(estimators(order.family)[chosen], params or {})
        _check_read(plugin, spec.features, order.there)
        spec = replace(
            spec,
            algorithm=chosen,
            params=dict(params or {}),
            tuning=self._tuning(auto_tune),
            folds=forward.model_dump() if forward else {},
            held_out_seasons=seasons,
            seed=seed,
        )

        def again(newer: pd.DataFrame) -> TrainedModel:
            return self.train(
                newer,
                algorithm,
                auto_tune=auto_tune,
                features=spec.features,
                folds=folds,
                window_seasons=window_seasons,
                embargo_races=embargo_races,
                params=params,
                seed=seed,
            )

        return TrainedModel(train_draft(self._workspace, spec, order.files), self._workspace, again)

    def order(self, data: pd.DataFrame, features: Sequence[str] | None = None) -> Order:
        """Return what is asked and on which rows, before an algorithm is named; see `train` for arguments and errors."""
        rows = given(self._workspace, data, self._label_columns(data))
        ordered = self._ordered(rows)
        spec, files = self._spec(rows, ordered, data.attrs.get("selection", {}), features)
        family = model(templates()[ordered.name].model).family if ordered.own is None else ordered.own.family
        return Order(spec, files, family, rows.features)

    def _label_columns(self, data: pd.DataFrame) -> list[str]:
        known = isinstance(self.target, str) and self.target not in templates()
        return [str(self.target)] if known and isinstance(data, pd.DataFrame) and self.target in data.columns else []

    def _ordered(self, rows: Given) -> Ordered:
        if isinstance(self.target, str) and self.target in templates():
            asked = templates()[self.target]
            kind = model(asked.model).kind
            if kind.name != rows.kind.name:
                raise UsageError(
                    f"{self.target} is asked about {kind.nouns[1]}, the data are rows of {rows.kind.nouns[1]}; get them with "
                    f"`get_features(template={self.target!r})`."
                )
            if rows.stage not in asked.stages:
                raise UsageError(f"{self.target} is asked at {', '.join(asked.stages)}; the data are of {rows.stage}.")
            return Ordered(self.target)
        tables = load_tables(self._workspace.project.tables)
        about = {"kind": rows.kind, "tables": tables, "extra": rows.extra, "name": self._name}
        return own_target(self.task, self.target, self._baseline, **about)

    def _spec(
        self, rows: Given, ordered: Ordered, selection: Mapping[str, Any], features: Sequence[str] | None
    ) -> tuple[ModelSpec, dict[str, bytes]]:
        wanted = rows.features if features is None else tuple(features)
        for name in wanted:
            if name not in rows.features:
                raise UnknownName("feature of the data", name, rows.features)
        empty = [name for name in wanted if rows.frame[name].isna().all()]
        if empty:
            log.warning("left out, as no row has a value of it: %s", ", ".join(empty))
            wanted = tuple(name for name in wanted if name not in empty)
        if not wanted:
            raise UsageError("there is no feature to learn from; ask `get_features` for some feature groups.")
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
            empty=tuple(empty),
            own=ordered.own,
            labels=ordered.labels_sha256,
            **_own_features(custom),
            selection=dict(selection),
        )
        return spec, {ROWS: keys, **({LABELS: ordered.labels} if ordered.labels else {})}

    def _tuning(self, asked: bool | int | Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of the search; one trial, that of the given parameters, where none is asked for."""
        usual = self._workspace.params.tuning
        if isinstance(asked, Mapping):
            unknown = [name for name in asked if name not in TuningParams.model_fields]
            if unknown:
                raise UnknownName("setting of the search", unknown[0], TuningParams.model_fields)
            settings = TuningParams(**{**usual.model_dump(), **asked})
        else:
            trials = usual.trials if asked is True else max(int(asked), 1)
            settings = usual.model_copy(update={"trials": trials})
        return settings.model_dump(mode="json")


def algorithm_of(family: str, name: str) -> str:
    """Return the estimator of a family that people mean by a name.

    Raises:
        UnknownName: there is none, or it is a rule to beat; offers the nearest one.
    """
    known = {each: plugin for each, plugin in estimators(family).items() if plugin.role == "model"}
    also = {other: each for each, plugin in known.items() for other in getattr(plugin, "also", ())}
    if name not in known and name not in also:
        raise UnknownName(f"{family} algorithm", name, [*known, *also])
    return name if name in known else also[name]


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
