"""Put files together to a bundle: `bundle.json` with the hash of each, the owner's signature over all, one zip in one form.

The same files give the same content id. The signature differs each time (its kind draws a random number), so a bundle is told from
another one by its content id.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pitwall.workflows.hub.form import ABOUT, KEY, SIGNATURE, About

MOMENT = (1980, 1, 1, 0, 0, 0)
RIGHTS = 0o100644 << 16


def signed_bundle(files: Mapping[str, bytes], about: Mapping[str, Any], keys: Path) -> bytes:
    """Return a bundle.

    Args:
        files: by name in the bundle, without `bundle.json`.
        about: what `bundle.json` says, but for the key and the files.
        keys: the folder of the signer's pair.
    """
    from pitwall.adapters.hub.keys import PRIVATE, PUBLIC
    from pitwall.adapters.hub.signatures import sign

    pem = (keys / PUBLIC).read_bytes()
    told = described(files, about, pem).model_dump(mode="json")
    whole = {**files, ABOUT: (json.dumps(told, indent=2, sort_keys=True) + "\n").encode()}
    with tempfile.TemporaryDirectory(prefix="pitwall-bundle-") as made:
        folder, signature = Path(made) / "files", Path(made) / "signature.json"
        write_files(whole, folder)
        sign(folder, keys / PRIVATE, signature)
        return pack({**whole, KEY: pem, SIGNATURE: signature.read_bytes()})


def described(files: Mapping[str, bytes], about: Mapping[str, Any], pem: bytes) -> About:
    """Return `bundle.json`.

    Args:
        files: by name in the bundle, without it.
        about: what it says, but for the key and the files.
        pem: the public key.
    """
    from pitwall.adapters.hub.keys import key_id

    listed = {name: {"sha256": hashlib.sha256(each).hexdigest(), "size": len(each)} for name, each in files.items()}
    return About.model_validate({**about, "key": key_id(pem), "files": listed})


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip in the form of bundles: sorted, one instant for all, no extra fields."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.external_attr, entry.create_system, entry.compress_type = RIGHTS, 3, zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    return buffer.getvalue()


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def content_id(files: Mapping[str, bytes]) -> str:
    """Return the sha256 of sorted names and hashes: equal for equal files, whoever signed them and when."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()
