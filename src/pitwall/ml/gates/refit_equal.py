"""Is the model what its recipe says? The recipe is fitted once more from its hashed frame; every file must be the same.

The refit runs in this process with the threads that it has, as training did. The predictions that the recipe was judged
by are not made again: that is a fit for each held-out season, and `pitwall reproduce` does it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pitwall.domain.refs import Verdict
from pitwall.ml.families.predictions import FILE as PREDICTIONS
from pitwall.ml.gates._gate import Candidate, Gate, closed
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.names import settings_of
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.search.workers import usable_cores
from pitwall.ml.training.folds import refitted_on
from pitwall.ml.training.splits import labelled, outcomes

NAME = "refit_equal"
FRAME = "frame_md5"


def _check(candidate: Candidate) -> list[Verdict]:
    recipe = candidate.recipe
    if recipe is None or not candidate.files:
        return [closed(NAME, "the version has no recipe or no files; train again")]
    made_from = str(recipe.facts.get(FRAME, "unknown"))
    if made_from != candidate.frame_md5:
        return [closed(NAME, _other_frame(made_from, candidate.frame_md5))]
    before, after = _fitted(candidate.files), refitted(candidate, recipe)
    differs = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    threads = os.environ.get("OMP_NUM_THREADS") or f"all {usable_cores()}"
    told = f"{', '.join(differs)} differ" if differs else f"{len(before)} files are the same to the last bit"
    reason = f"fitted again from frame {made_from[:12]} with {threads} threads: {told}"
    return [Verdict(NAME, not differs, float(len(differs)), 0.0, "files", reason)]


def refitted(candidate: Candidate, recipe: Recipe) -> dict[str, bytes]:
    """Return the files that the recipe gives when it is fitted on the candidate's frame, without the predictions."""
    frame = candidate.frame
    frame = frame[frame["season"] >= settings_of(candidate.model, candidate.params).first_season].reset_index(drop=True)
    rows = labelled(candidate.model, frame, outcomes(candidate.model, candidate.tables, frame))
    fitted = recipe.fit(*refitted_on(rows, recipe.facts))
    with tempfile.TemporaryDirectory() as scratch:
        FittedModel(recipe, fitted).save(Path(scratch), candidate.own)
        return _fitted(read_files(Path(scratch)))


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a model folder, {relative name: bytes}."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _fitted(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != PREDICTIONS}


def _other_frame(made_from: str, found: str) -> str:
    return (
        f"the model was made from frame {made_from[:12] or 'unknown'}, the project now holds {found[:12] or 'none'}; "
        "train again, or restore the data of its commit (`git checkout COMMIT dvc.lock`, `dvc checkout`)"
    )


def _edited(good: Candidate) -> Candidate:
    name = next(name for name in sorted(good.files) if name != PREDICTIONS)
    return replace(good, files={**good.files, name: good.files[name] + b" "})


GATE = Gate(NAME, "Made by its recipe: fitted again from its frame, every file is the same", _check, _edited)
