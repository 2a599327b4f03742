"""What a gate is: one question to a candidate, answered with verdicts and nothing else.

A gate prints nothing, raises nothing (its runner turns a crash into a failed verdict, so that a broken gate closes) and
knows no registry: everything that it may look at is in the `Candidate`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.ports import ModelInterface
from pitwall.domain.refs import Verdict
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.families.predictions import WHO, by_estimator
from pitwall.ml.models import Model, model
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import Template, answered_by

log = logging.getLogger(__name__)

Answer = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Standing:
    """The champion that a candidate is compared with: its version, content hash and out-of-sample predictions."""

    version: int
    content: str
    predictions: pd.DataFrame


@dataclass(frozen=True)
class Candidate:
    """A trained model before the gates, with all that a gate may ask for.

    Attributes:
        name: registered name, `<model>-<stage>`.
        model: e.g. `order`.
        stage: e.g. `pre_race`.
        content: hash of the model folder.
        params: the project's parameters, `gates` holds the limits.
        tables: canonical tables with all versions.
        spine: the rows that had to be joined.
        frame: the point-in-time frame that the model learned from.
        groups: the feature groups that the model reads.
        predictions: walk-forward out-of-sample predictions of the model and of every baseline.
        estimator: which of the predictions are the candidate's own.
        answer: one race's frame rows -> the model's answers; what answers in production.
        champion: the standing champion, None before the first promotion.
        provenance: what the run was tagged with.
        recipe: what the model folder says it was made by.
        files: the model folder, {relative name: bytes}.
        frame_md5: of the frame's file, as DVC shows it.
        openings: how many different candidates were scored on the held-out seasons, this one included; None when
            nobody counted.
        card: the version's model card as Markdown, None without one.
        interface: returns how MLflow calls the version; it is loaded when a gate asks.
    """

    name: str
    model: str
    stage: str
    content: str
    params: Params
    tables: Tables
    spine: pd.DataFrame
    frame: pd.DataFrame
    groups: tuple[FeatureGroup, ...]
    predictions: pd.DataFrame
    estimator: str
    answer: Answer
    champion: Standing | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    recipe: Recipe | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    frame_md5: str = ""
    openings: int | None = None
    card: str | None = None
    interface: Callable[[], ModelInterface] | None = None

    @property
    def definition(self) -> Model:
        """What the model is: its family, its rows, its features."""
        return model(self.model)

    @property
    def own(self) -> pd.DataFrame:
        """The candidate's own predictions."""
        return by_estimator(self.predictions)[self.estimator]

    @property
    def templates(self) -> list[Template]:
        """The questions that the model answers at its stage."""
        return [template for template in answered_by(self.model) if self.stage in template.stages]


@dataclass(frozen=True)
class Gate:
    """One gate.

    Attributes:
        name: of the gate and its file.
        title: what it asks, in words.
        check: candidate -> verdicts.
        rows: names of the row kinds that it judges; None for all.
        fault: good candidate -> one that this gate must refuse; the contract test plants it, so that no gate that
            lets everything through can live here.
        of_version: it asks for what only a registered version has: a card, an interface, a champion of its name.
    """

    name: str
    title: str
    check: Callable[[Candidate], list[Verdict]]
    fault: Callable[[Candidate], Candidate]
    rows: tuple[str, ...] | None = None
    of_version: bool = False

    def asks(self, candidate: Candidate) -> bool:
        """Whether the gate judges candidates of this kind."""
        return self.rows is None or candidate.definition.rows in self.rows


def saying(candidate: Candidate, spoilt: Callable[[np.ndarray], np.ndarray]) -> Candidate:
    """Return the candidate with its own answers, rows x answer columns, replaced by a function of them."""
    columns = candidate.definition.answers.columns(candidate.predictions)
    changed = candidate.predictions.copy()
    own = changed[WHO] == candidate.estimator
    changed.loc[own, columns] = spoilt(changed.loc[own, columns].to_numpy())
    return replace(candidate, predictions=changed)


def flat(candidate: Candidate) -> Candidate:
    """Return the candidate as one that knows nothing."""
    return saying(candidate, candidate.definition.answers.faults.flat)


def run_gate(gate: Gate, candidate: Candidate) -> list[Verdict]:
    """Return the gate's verdicts; a crash, or no verdict at all, is a failed one that says why.

    A gate that has nothing to ask about rows of this kind lets the candidate pass and says so.
    """
    if not gate.asks(candidate):
        reason = f"asks about rows of {' and '.join(gate.rows or ())}; these are of {candidate.definition.rows}"
        return [Verdict(gate.name, True, None, None, "", reason)]
    try:
        verdicts = gate.check(candidate)
    except Exception as error:  # whatever went wrong, a gate that could not look stays closed
        log.exception("the gate %s crashed on %s", gate.name, candidate.name)
        return [closed(gate.name, f"the gate crashed: {type(error).__name__}: {error}")]
    return verdicts or [closed(gate.name, "the gate gave no verdict; it must judge every candidate")]


def closed(gate: str, reason: str, template: str | None = None) -> Verdict:
    """Return a failed verdict without a measurement."""
    return Verdict(gate, False, None, None, "", reason, template=template)
