"""Can a stranger call the model? MLflow's signature must be the model's input, and its answer production's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from pitwall.domain.ports import ModelInterface
from pitwall.domain.refs import Verdict
from pitwall.ml.gates._gate import Candidate, Gate, closed
from pitwall.ml.models.machinery.recipe import Recipe

NAME = "signature"
TOLERANCE = 1e-9  # the same files answer twice; what differs is another model


def _check(candidate: Candidate) -> list[Verdict]:
    if candidate.recipe is None or candidate.interface is None:
        return [closed(NAME, "the version has no recipe or no signature in the registry; train again")]
    registered, expected = candidate.interface(), input_types(candidate.recipe, candidate.frame)
    faults = [*_column_faults(expected, registered.inputs), *_answer_faults(candidate, registered)]
    asked = f"{len(registered.example)} {candidate.definition.kind.nouns[1]}"
    reason = "; ".join(faults) or f"{len(expected)} columns as in the frame; the example's {asked} are answered alike"
    return [Verdict(NAME, not faults, float(len(faults)), 0.0, "faults", reason)]


def input_types(recipe: Recipe, frame: pd.DataFrame) -> dict[str, str]:
    """Return the columns that a recipe reads of a frame with their types; instants are no input of a model."""
    chosen = recipe.select(frame)
    return {
        str(name): str(kind) for name, kind in chosen.dtypes.items() if not pd.api.types.is_datetime64_any_dtype(kind)
    }


def _column_faults(expected: Mapping[str, str], inputs: Mapping[str, str]) -> list[str]:
    faults = [f"the signature lacks {name}" for name in expected if name not in inputs]
    faults += [
        f"the signature asks for {name}, which the model does not read" for name in inputs if name not in expected
    ]
    faults += [
        f"{name} is {inputs[name]} in the signature and {kind} in the frame"
        for name, kind in expected.items()
        if inputs.get(name, kind) != kind
    ]
    if not faults and list(inputs) != list(expected):
        faults = ["the signature has the columns in another order"]
    return faults


def _answer_faults(candidate: Candidate, interface: ModelInterface) -> list[str]:
    answer = np.asarray(interface.predict(interface.example))
    expected = np.asarray(candidate.answer(interface.example), dtype=np.float64)
    if answer.shape != expected.shape:
        return [f"the example's answer has shape {answer.shape}, production's {expected.shape}"]
    apart = float(np.abs(answer - expected).max())
    return [f"the registry's answer differs from production's by {apart:.2g}"] if not apart <= TOLERANCE else []


def _renamed(good: Candidate) -> Candidate:
    assert good.interface is not None
    registered = good.interface()
    inputs = {("gird" if name == "grid" else name): kind for name, kind in registered.inputs.items()}
    return replace(good, interface=lambda: replace(registered, inputs=inputs))


GATE = Gate(
    NAME,
    "The registered signature is the model's input, and its example is answered",
    _check,
    _renamed,
    of_version=True,
)
