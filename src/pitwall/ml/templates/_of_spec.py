"""The question of a user's model: a template at one stage, or a target of the user's own with the rule that must be beaten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables
from pitwall.ml.families.binary import P
from pitwall.ml.families.multiclass import likeliest, unit_of
from pitwall.ml.families.regression import MEAN, MEDIAN
from pitwall.ml.rows import row_kind
from pitwall.ml.specs import OwnTarget, StoredSpec
from pitwall.ml.specs.code import load_function
from pitwall.ml.templates._template import InColumn, Template


def template_of_spec(stored: StoredSpec, shipped: Mapping[str, Template]) -> Template:
    """Return the question that a user's model answers. A shipped one keeps its name, so that scores of one question bear one name.

    Args:
        stored: the spec, under the model's name.
        shipped: templates by name.
    """
    spec = stored.spec
    if spec.own is None:
        return replace(shipped[spec.target], model=stored.name)
    own = spec.own
    words = spec.target.replace("_", " ")
    return Template(
        name=stored.name,
        model=stored.name,
        question=f"{words.capitalize()}?",
        title=words,
        unit=unit_of(own.classes) if own.classes else "",
        stages=(spec.stage,),
        tables=own.tables,
        label=_label(stored, own),
        answer=_answer(own),
        loss=own.loss,
        metrics=own.metrics,
        baselines=(own.baseline,),
        baseline={spec.stage: own.baseline},
        own=True,
    )


def labels_by_key(said: object, key: tuple[str, ...], classes: tuple[str, ...] = ()) -> pd.Series:
    """Return what a user says came true as a Series by key: given so, or as a table with the key's columns and one more.

    Args:
        said: what the user's function returned, or a table of the user's.
        key: of the rows.
        classes: of a question with classes, in their order.

    Raises:
        UsageError: it is neither, or a row is said twice.
    """
    if isinstance(said, pd.DataFrame):
        left = [name for name in said.columns if name not in key]
        if not set(key) <= set(said.columns) or len(left) != 1:
            raise UsageError(
                f"a table of labels has the columns {', '.join(key)} and one more; found {', '.join(map(str, said.columns))}."
            )
        said = said.set_index(list(key))[left[0]]
    if not isinstance(said, pd.Series) or tuple(said.index.names) != key:
        found = f"a Series by {said.index.names}" if isinstance(said, pd.Series) else f"a {type(said).__name__}"
        raise UsageError(
            f"a target gives a Series by {', '.join(key)}, or a table with these columns and one more; found {found}."
        )
    if said.index.has_duplicates:
        twice = said.index[said.index.duplicated()][0]
        raise UsageError(
            f"the target says {int(said.index.duplicated().sum())} rows twice, first {twice}; one label per row."
        )
    if classes:
        return said.astype(pd.CategoricalDtype(list(classes), ordered=True)).rename("label")
    return said.rename("label")


def _label(stored: StoredSpec, own: OwnTarget) -> Callable[[Tables], pd.Series]:
    key = row_kind(stored.spec.rows).key
    if not own.source:
        return lambda _: labels_by_key(stored.labels, key, own.classes)
    function = load_function(own.source)
    said = _SAID.setdefault(stored.spec.hash, _Said())
    return lambda tables: said.once(
        tables, lambda: labels_by_key(function(tables.only(*own.tables).as_of()), key, own.classes)
    )


class _Said:
    """What a function of tables said last: it is asked about the same ones again and again."""

    def __init__(self) -> None:
        self._tables: Tables | None = None
        self._label = pd.Series(dtype="float64")

    def once(self, tables: Tables, ask: Callable[[], pd.Series]) -> pd.Series:
        """Return the label of these tables."""
        if self._tables is not tables:
            self._label, self._tables = ask(), tables
        return self._label


_SAID: dict[str, _Said] = {}


def _answer(own: OwnTarget) -> Callable[[pd.DataFrame], pd.Series]:
    if own.family == "multiclass":
        return lambda predictions: likeliest(predictions, own.classes)
    column = P if own.family == "binary" else MEDIAN if own.loss == "mae" else MEAN
    return InColumn(column)
