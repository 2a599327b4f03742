"""An honest bundle, small and quick to make: the baseline that knows the grid, with a table of frequencies made up here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pitwall.domain.refs import folder_hash
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.workflows.hub.packing import signed_bundle, write_files

ESTIMATOR, PLACES = "grid_frequency", 6


@dataclass(frozen=True)
class Signer:
    """Somebody with a key pair.

    Attributes:
        name: theirs.
        keys: the folder of the pair.
    """

    name: str
    keys: Path

    @property
    def id(self) -> str:
        """The id of the key."""
        from pitwall.adapters.hub.keys import PUBLIC, key_id

        return key_id((self.keys / PUBLIC).read_bytes())

    @property
    def pem(self) -> Path:
        """The public key's file."""
        return self.keys / "public.pem"


def signer(folder: Path, name: str) -> Signer:
    """Return somebody with a fresh key pair below a folder."""
    from pitwall.adapters.hub.keys import make_pair

    return Signer(name, make_pair(folder / name).parent)


def honest_files() -> dict[str, bytes]:
    """Return the files of a bundle, by name."""
    with TemporaryDirectory() as made:
        Recipe("order", ESTIMATOR, ("grid",), {}, 7, "pre_race").save(Path(made))
        recipe = (Path(made) / "recipe.json").read_bytes()
    row = [1 / PLACES] * PLACES
    slots = {"table": [row] * PLACES, "params": {}}
    return {
        "card.md": b"# order-pre_race version 1\n\nIt knows the grid; p < 0.05 & 1 > 0.\n",
        "sample.json": b'{"race": "2020-01", "rows": []}\n',
        "manifest/params.yaml": b"seed: 7\nmodels: {order: {stages: [pre_race]}}\n",
        "model/recipe.json": recipe,
        "model/slots.json": (json.dumps(slots) + "\n").encode(),
    }


def about_of(files: Mapping[str, bytes], owner: str) -> dict[str, Any]:
    """Return what `bundle.json` says of some files."""
    with TemporaryDirectory() as made:
        write_files(files, Path(made))
        content = folder_hash(Path(made) / "model")
    return {
        "name": "fast",
        "model": "order-pre_race",
        "version": 1,
        "owner": owner,
        "templates": ["race_winner"],
        "estimator": ESTIMATOR,
        "content": content,
    }


def honest_bundle(by: Signer, extra: Mapping[str, bytes] | None = None, **told: Any) -> bytes:
    """Return a signed bundle.

    Args:
        by: who signs it.
        extra: further files, or others in the place of the honest ones.
        told: what `bundle.json` says instead.
    """
    files = {**honest_files(), **(extra or {})}
    return signed_bundle(files, {**about_of(files, by.name), **told}, by.keys)
