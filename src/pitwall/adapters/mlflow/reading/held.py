"""All that a run holds as local files: its artifacts, and the models that were logged from it, below `models/<id>/`.

MLflow keeps a model beside the run rather than in it, and copies every file that it is asked for one by one. Here files that lie on this
machine are looked at where they are, and those behind a server are fetched in one go and removed again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

MODELS = "models"


@contextmanager
def held(client: Any, run_id: str) -> Iterator[Mapping[str, Path]]:
    """Give {path in the run: file}; fetched files are gone when the context ends."""
    run = client.get_run(run_id)
    places = {"": str(run.info.artifact_uri)}
    for made in client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run_id}'"):
        places[f"{MODELS}/{made.model_id}/"] = str(made.artifact_location)
    with tempfile.TemporaryDirectory() as scratch:
        found: dict[str, Path] = {}
        for number, (prefix, address) in enumerate(places.items()):
            folder = _local(client, address, Path(scratch) / str(number))
            files = (each for each in folder.rglob("*") if each.is_file())
            found |= {prefix + each.relative_to(folder).as_posix(): each for each in files}
        yield dict(sorted(found.items()))


def _local(client: Any, address: str, scratch: Path) -> Path:
    if address.startswith("file:"):
        return Path(url2pathname(urlsplit(address).path))
    from mlflow.artifacts import download_artifacts, list_artifacts

    scratch.mkdir()
    if not list_artifacts(
        artifact_uri=address, tracking_uri=client.tracking_uri
    ):  # a server finds no folder without a file in it
        return scratch
    return Path(download_artifacts(artifact_uri=address, dst_path=str(scratch), tracking_uri=client.tracking_uri))
