"""What a model is: what is trained, registered and promoted as `<name>-<stage>`, and answers one template or several."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.params import ModelParams
from pitwall.ml.families import Family, family
from pitwall.ml.rows import RowKind, row_kind


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes:
        name: of the model and its file, e.g. `order`.
        family: name of its family of answers.
        rows: name of its row kind.
        feature_set: the features that its frames hold.
        summary: what it does, in words that need no knowledge of the code; finishes the sentence "This model ...".
        lead: how its questions are introduced.
        settings: how it is trained where params.yaml does not list it.
    """

    name: str
    family: str
    rows: str
    feature_set: str
    summary: str
    lead: str = "It answers"
    settings: ModelParams = ModelParams()

    @property
    def answers(self) -> Family:
        """The family of its answers."""
        return family(self.family)

    @property
    def kind(self) -> RowKind:
        """The kind of its rows."""
        return row_kind(self.rows)
