"""A user's model, made of its spec: a shipped model's family, rows and baselines, with features, rows and an algorithm of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.params import FoldParams, ModelParams, TuningParams
from pitwall.ml.models._model import Model
from pitwall.ml.specs import ModelSpec, StoredSpec
from pitwall.ml.templates import template

EVERY = "all"


def model_of_spec(stored: StoredSpec, shipped: Mapping[str, Model]) -> Model:
    """Return the model that a spec orders.

    Args:
        stored: the spec, under the model's name.
        shipped: models by name.
    """
    spec = stored.spec
    base = shipped[model_like(spec, shipped)]
    settings = ModelParams(
        estimator=spec.algorithm,
        first_season=spec.first_season,
        stages=(spec.stage,),
        tuning=TuningParams(**spec.tuning) if spec.tuning else None,
        gates=base.settings.gates,
        seed=spec.seed,
        folds=FoldParams(**spec.folds) if spec.folds else None,
        held_out_seasons=spec.held_out_seasons or None,
        params=dict(spec.params),
    )

    def chosen(rows: pd.DataFrame) -> pd.DataFrame:
        key = list(base.kind.key)
        wanted = pd.MultiIndex.from_frame(stored.keys[key])
        return rows[pd.MultiIndex.from_frame(rows[key]).isin(wanted)].reset_index(drop=True)

    return replace(
        base,
        name=stored.name,
        of=base.name,
        feature_set=EVERY,
        settings=settings,
        summary=_summary(spec, base),
        features=spec.features,
        custom=spec.groups,
        chosen=chosen,
        columns={},
        spec=spec.content(),
        start=base.start if spec.own is None else "",
    )


def model_like(spec: ModelSpec, shipped: Mapping[str, Model]) -> str:
    """Return the shipped model that a user's one is like: the one that answers its question, else one of its family and rows.

    Raises:
        UsageError: none ships of this family and these rows.
    """
    if spec.own is None:
        return template(spec.target).model
    family, rows = spec.own.family, spec.rows
    like = [name for name, each in shipped.items() if (each.family, each.rows, each.start) == (family, rows, "")]
    if not like:
        known = sorted({f"{each.family} of {each.kind.nouns[1]}" for each in shipped.values() if not each.start})
        raise UsageError(f"no model of the family {family} answers about rows of {rows}; there are: {', '.join(known)}.")
    return like[0]


def _summary(spec: ModelSpec, base: Model) -> str:
    of_own = f"answers the question {spec.target} of its maker's own, about {base.kind.nouns[1]} of Formula 1 races"
    return base.summary if spec.own is None else of_own
