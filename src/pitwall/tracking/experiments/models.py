"""Read a model back from a run, wherever the run lies."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from pitwall.domain.errors import UnknownName
from pitwall.domain.ports import RunReader
from pitwall.tracking.run_models import ENTRY, load_model


def logged_model(reader: RunReader, run_id: str, name: str = "model", into: Any = None) -> Any:
    """Return a model that was logged to a run, after its files were held against their hashes.

    Args:
        reader: of the run's store.
        run_id: whole.
        name: that the model was logged under.
        into: a network of PyTorch whose parameters are set; without one, they are returned as {name: tensor}.

    Raises:
        UnknownName: the run has no model of that name; names those that it has.
        TrackingError: a file is not what was written.
    """
    paths = reader.artifacts(run_id)
    models = sorted(path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] == ENTRY)
    if name not in models:
        raise UnknownName(f"model of run {run_id}", name, models)
    with tempfile.TemporaryDirectory() as folder:
        for path in (path for path in paths if path.startswith(f"{name}/")):
            target, file = Path(folder) / path, reader.file(run_id, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if file is not None:
                shutil.copyfile(file, target)
        return load_model(Path(folder) / name, into)
