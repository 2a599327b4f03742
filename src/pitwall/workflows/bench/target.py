"""What a user's model is to tell: a template by name, or a target of their own, and the rule that it must beat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.tables import SPECS, Tables
from pitwall.features.machinery.custom.engineer import check_name
from pitwall.ml.estimators import baselines
from pitwall.ml.models import model
from pitwall.ml.rows import RowKind
from pitwall.ml.specs import OwnTarget
from pitwall.ml.specs.code import load_function, source_of
from pitwall.ml.specs.store import file_of
from pitwall.ml.templates import templates
from pitwall.ml.templates._of_spec import labels_by_key

Target: TypeAlias = str | Callable[[Tables], Any] | pd.DataFrame | pd.Series
TASKS = {"classification": ("order", "binary", "multiclass"), "regression": ("regression", "curve", "survival")}
OWN = {"classification": ("binary", "multiclass"), "regression": ("regression",)}  # families of a target of one's own
FEWEST = 2  # values that a target must take


@dataclass(frozen=True)
class Ordered:
    """A target as a spec holds it; `labels` is the file of those that no function makes."""

    name: str
    own: OwnTarget | None = None
    labels: bytes = b""

    @property
    def labels_sha256(self) -> str:
        """The hash of the file; empty without one."""
        return hashlib.sha256(self.labels).hexdigest() if self.labels else ""


def check_task(task: str, name: Target) -> None:
    """Raise UnknownName unless there is such a task, UsageError where a template's question is of another one."""
    if task not in TASKS:
        raise UnknownName("task", task, TASKS)
    if not isinstance(name, str) or name not in templates():
        return
    family = model(templates()[name].model).family
    if family not in TASKS[task]:
        other = next(each for each, families in TASKS.items() if family in families)
        raise UsageError(
            f"{name} is a question of {other} (its answers are of the family {family}); found task={task!r}."
        )


def check_asked(name: str, kind: RowKind, stage: str) -> None:
    """Raise UsageError unless a template's question is asked about rows of a kind at a stage."""
    question = templates()[name]
    expected = model(question.model).kind
    if expected.name != kind.name:
        raise UsageError(
            f"{name} is asked about {expected.nouns[1]}, the data are rows of {kind.nouns[1]}; get them with "
            f"`get_features(template={name!r})`."
        )
    if stage not in question.stages:
        raise UsageError(f"{name} is asked at {', '.join(question.stages)}; the data are of {stage}.")


def own_target(
    task: str,
    target: Target,
    baseline: str,
    *,
    kind: RowKind,
    tables: Tables,
    extra: pd.DataFrame,
    name: str = "",
) -> Ordered:
    """Return a target of the user's own.

    Args:
        task: classification or regression.
        target: a column of the data, `table.column`, a function of tables, or a table of labels.
        baseline: the rule of the family that must be beaten.
        kind: of the rows.
        tables: all canonical tables, for functions.
        extra: the columns that the user added, by key.
        name: of the target; that of the function or of the column when empty.

    Raises:
        UsageError: the target gives no labels, they are of another task, or no rule is named.
    """
    source, stored, called = _source(target, kind, extra)
    reads: tuple[str, ...] = ()
    if source:
        said, reads = _called(source, tables)
    else:
        said = stored
    labels = labels_by_key(said, kind.key)
    family, classes = _family(task, labels)
    like = next(each for each in templates().values() if model(each.model).family == family)
    own = OwnTarget(
        family, _rule(family, baseline, kind), source, reads or ("results",), like.loss, like.metrics, classes
    )
    file = b"" if source else file_of(labels.astype("string" if classes else labels.dtype).reset_index())
    return Ordered(check_name(name or called), own, file)


def _source(target: Target, kind: RowKind, extra: pd.DataFrame) -> tuple[str, Any, str]:
    """Return a target as the text of a function or as stored labels, and what it is called."""
    if isinstance(target, str) and target in extra.columns:
        return "", extra[[*kind.key, target]], target
    if isinstance(target, str):
        table, _, column = target.partition(".")
        if column and table in SPECS and column in SPECS[table].columns:
            function = f"{table}_{column}"
            return (
                f'def {function}(tables):\n    return tables["{table}"].set_index({list(kind.key)})["{column}"]\n',
                None,
                function,
            )
        near = [
            *templates(),
            *extra.columns,
            *(f"{name}.{each}" for name, spec in SPECS.items() for each in spec.columns),
        ]
        raise UnknownName("target", target, near)
    if isinstance(target, pd.DataFrame | pd.Series):
        named = (
            target.name
            if isinstance(target, pd.Series)
            else next((c for c in target.columns if c not in kind.key), None)
        )
        return "", target, str(named or "label")
    if callable(target):
        return source_of(target), None, target.__name__
    raise UsageError(
        f"a target is a name, a function of tables, or a table of labels; found a {type(target).__name__}."
    )


def _called(source: str, tables: Tables) -> tuple[Any, tuple[str, ...]]:
    """Return what a function of tables says, and which tables it read."""
    watched = _Watched(tables.as_of())
    try:
        said = load_function(source)(watched)
    except Exception as error:  # whatever the user's function raises, it is told with its name
        raise UsageError(
            f"the target failed: {type(error).__name__}: {error}. It is given the newest rows of all tables."
        ) from error
    return said, tuple(sorted(watched.read))


class _Watched(Tables):
    """Tables that remember which of them were read."""

    def __init__(self, frames: Tables) -> None:
        super().__init__(frames)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return super().__getitem__(name)

    def as_of(self, instant: pd.Timestamp | None = None) -> Tables:
        return self if instant is None else super().as_of(instant)

    def only(self, *names: str) -> Tables:
        self.read |= set(names)
        return super().only(*names)


def _family(task: str, labels: pd.Series) -> tuple[str, tuple[str, ...]]:
    """Return the family of answers to a target, and its classes where there are several."""
    known = labels.dropna()
    if known.nunique() < FEWEST:
        raise UsageError(
            f"the target is {known.iloc[0] if len(known) else 'null'} in every row; there is nothing to tell apart."
        )
    numbers = pd.api.types.is_numeric_dtype(known)
    if task == "regression":
        if not numbers or pd.api.types.is_bool_dtype(known):
            raise UsageError(f"a target of a regression is a number; found {known.dtype}.")
        return "regression", ()
    if numbers and set(known.unique()) <= {0, 1}:
        return "binary", ()
    if numbers:
        raise UsageError(
            f"the target has {known.nunique()} different numbers; a regression tells numbers (task='regression')."
        )
    if isinstance(known.dtype, pd.CategoricalDtype):
        return "multiclass", tuple(map(str, known.cat.categories))
    return "multiclass", tuple(sorted(map(str, known.unique())))


def rules(family: str, kind: RowKind) -> list[str]:
    """Return the names of the rules that a model of a family can be held against, about rows of a kind."""
    return sorted(
        name
        for name, rule in baselines(family).items()
        if getattr(rule, "models", None) is None and set(getattr(rule, "ids", ())) <= set(kind.columns)
    )


def _rule(family: str, baseline: str, kind: RowKind) -> str:
    """Return the baseline's name; raise UsageError unless it is a rule that answers such rows."""
    fitting = rules(family, kind)
    if baseline not in fitting:
        found = f"found {baseline!r}" if baseline else "none was named"
        raise UsageError(
            f"a target of your own needs the rule that a model must beat (`baseline=`); {found}, there are: {', '.join(fitting)}. A score "
            "without one says nothing."
        )
    return baseline
