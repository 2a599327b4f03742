"""The recipe of a model: all that is needed to fit it again, as a small JSON file beside the estimator's own files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain import renames
from pitwall.domain.errors import FeatureError, PluginError, StageError, UnknownName
from pitwall.domain.keys import SPINE_NAMES
from pitwall.domain.plugins import loaded
from pitwall.domain.plugins.provenance import origin
from pitwall.ml.estimators import Estimator, FitInput, Fitted, Heard, estimator, traits_of
from pitwall.ml.models import Model, model

FILE = "recipe.json"
FORMAT = 2
LIBRARIES = "libraries"
FLOAT = np.dtype(np.float64)


@dataclass(frozen=True)
class Recipe:
    """Everything needed to fit the model again: estimator, features, settled parameters, seed, and where it came from.

    Attributes:
        model: which model it is of, e.g. `order`.
        estimator: plug-in name within the model's family.
        features: frame columns that it reads, in order.
        params: settled parameters, among them what validation seasons decided (rounds, temperature).
        seed: of every random choice.
        stage: when it forecasts.
        facts: where it came from (seasons, data hash), for people and for provenance.
    """

    model: str
    estimator: str
    features: tuple[str, ...]
    params: dict[str, Any]
    seed: int
    stage: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def definition(self) -> Model:
        """The model."""
        return model(self.model)

    @property
    def plugin(self) -> Estimator:
        """The estimator."""
        return estimator(self.definition.family, self.estimator)

    def manifest(self) -> dict[str, Any]:
        """Return what a run's manifest keeps of it: everything but the facts, which stand there in more detail."""
        return {name: value for name, value in asdict(self).items() if name != "facts"}

    def select(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the spine columns and this recipe's features as float64; the frame itself where it is just that.

        Raises:
            FeatureError: the frame lacks a feature.
        """
        lacking = [name for name in self.features if name not in frame.columns]
        if lacking:
            raise FeatureError(
                f"the {self.estimator} recipe needs {', '.join(lacking)}, which the frame lacks; "
                "build the frame with the feature set that the recipe was trained on (`dvc repro frames`)."
            )
        read = [*(name for name in frame.columns if name in SPINE_NAMES), *self.features]
        chosen = frame if list(frame.columns) == read else frame[read]
        kinds = chosen.dtypes.to_numpy()
        if (kinds[len(kinds) - len(self.features) :] == FLOAT).all():
            return chosen
        other = [name for name, kind in zip(chosen.columns, kinds, strict=True) if name not in SPINE_NAMES and kind != FLOAT]
        return chosen.astype(dict.fromkeys(other, "float64")) if other else chosen

    def fit(self, frame: pd.DataFrame, outcome: pd.DataFrame, heard: Heard | None = None) -> Fitted:
        """Fit the recipe on labelled races; `heard` is told the loss on them, round by round, where there are rounds."""
        start = self.definition.start
        return self.plugin.fit(FitInput(self.select(frame), outcome, self.params, self.seed, start=start, heard=heard))

    def save(self, folder: Path) -> None:
        """Write `recipe.json`; where plug-ins from outside the package or more libraries are needed, it names them."""
        content = {"format": FORMAT, **asdict(self)}
        if libraries := traits_of(self.plugin).libraries:
            content[LIBRARIES] = list(libraries)
        if needed := self._from_outside():
            content["plugins"] = needed
        (folder / FILE).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    def _from_outside(self) -> list[str]:
        """Return where the plug-ins that it needs come from, those that ship left out."""
        if not loaded():
            return []
        used = (self.plugin, self.definition, self.definition.answers, self.definition.kind)
        return [where for plugin in used if (where := origin(plugin))]

    @classmethod
    def load(cls, folder: Path) -> Recipe:
        """Read the recipe of a model folder.

        Raises:
            StageError: there is none, or it has a format that this version does not read.
            PluginError: it needs a plug-in from outside the package that is not found here.
        """
        path = folder / FILE
        if not path.is_file():
            raise StageError(f"no model at {folder}: {FILE} is missing; train one with `pitwall train`.")
        stored = json.loads(path.read_text(encoding="utf-8"))
        content = renames.recipe(stored)
        found, needed = content.pop("format", None), content.pop("plugins", [])
        content.pop(LIBRARIES, None)  # for those who install what an answer needs; the plug-in knows it here
        if found != FORMAT:
            raise StageError(f"{path} has format {found}, this version reads {FORMAT}; train the model again.")
        recipe = cls(**{**content, "features": tuple(content["features"])})
        if needed:
            recipe.check_plugins(needed)
        return recipe

    def check_plugins(self, needed: list[str]) -> None:
        """Raise PluginError unless the plug-ins that the recipe was made with are found."""
        try:
            _ = self.plugin, self.definition.kind
        except UnknownName as error:
            raise PluginError(
                f"the model {self.model}-{self.stage} was made with {' and '.join(needed)}, which is not found here: {error} "
                "Name the file below `plugins:` of params.yaml, or install the package, and work in its project (or set PITWALL_HOME)."
            ) from error
