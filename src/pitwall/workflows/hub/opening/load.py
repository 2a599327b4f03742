"""Load the model of an unpacked bundle: `python -m pitwall.workflows.hub.opening.load FOLDER MODEL`, started by `loading` alone.

It first limits its own memory, time and files: it may write none. It prints one line of JSON: `model` and `estimator`, or `error`.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

MEMORY_BYTES = 6 << 30  # of addresses, of which libraries reserve most and use little
CPU_SECONDS = 60


def limit() -> None:
    """Take away from this process what no reader of a model needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def look(folder: Path, told: str) -> dict[str, str]:
    """Return which model a folder holds: the one that is told, if it is that one."""
    from pitwall.ml.models.machinery.fitted import FittedModel

    model = FittedModel.load(folder / "model")
    if (folder / "model" / "predictions.parquet").is_file():
        FittedModel.predictions(folder / "model")
    recipe, (name, _, stage) = model.recipe, told.rpartition("-")
    same = (recipe.model, recipe.stage) == (_written(name), stage)
    return {"model": told if same else f"{recipe.model}-{recipe.stage}", "estimator": model.name}


def _written(name: str) -> str:
    """Return as what a recipe names a model; one that somebody ordered is written as the one that ships and answers its question."""
    from pitwall.domain.errors import UnknownName
    from pitwall.ml.models import model

    try:
        return model(name).written
    except UnknownName:
        return name


def main(folder: str, told: str) -> None:
    """Limit this process, then print what is in a folder."""
    limit()
    try:
        said = look(Path(folder), told)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's file does to a loader, this line tells it
        said = {"error": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
