"""Sign a folder with an owner's key, and check a signature, by `model-signing`: hashes of all files in a DSSE envelope, no network.

What the signer says of paths to ignore is not believed: every file of the folder must be among the signed ones.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from pitwall.adapters.hub._model_signing import hashing, signing, verifying

FAULTS = (  # in the words of model-signing, what they are called here
    ("Extra files", "additional_file"),
    ("Missing files", "missing_file"),
    ("Hash mismatch", "changed_file"),
)
SIGNATURE, UNSIGNED = "signature", "unsigned_file"


def sign(folder: Path, private: Path, target: Path) -> None:
    """Write the signature of a folder's files to `target`, which lies outside of it."""
    plain: signing.Config = signing.Config()  # type: ignore[no-untyped-call]
    plain.use_elliptic_key_signer(private_key=private).set_hashing_config(_hashing()).sign(folder, target)


def fault(folder: Path, signature: Path, public: Path) -> tuple[str, str] | None:
    """Return what is wrong with a signature, as a name and in words; None where it holds for every file of the folder.

    Args:
        folder: of the files.
        signature: as `sign` wrote it.
        public: the key that it must be of.
    """
    plain: verifying.Config = verifying.Config()  # type: ignore[no-untyped-call]
    checker = plain.use_elliptic_key_verifier(public_key=public).set_hashing_config(_hashing())
    try:
        checker.verify(folder, signature)
        signed = _signed(signature)
    except Exception as error:  # noqa: BLE001 - the file is a stranger's and may break its reader in any way; then it does not hold
        said = str(error)
        return next((name for words, name in FAULTS if words in said), SIGNATURE), said or type(error).__name__
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if lacking := sorted(there - signed):
        return UNSIGNED, f"{', '.join(lacking[:3])} is not among the signed files"
    return None


def _hashing() -> hashing.Config:
    plain: hashing.Config = hashing.Config()  # type: ignore[no-untyped-call]
    return plain.use_file_serialization(hashing_algorithm="sha256", allow_symlinks=False)


def _signed(signature: Path) -> set[str]:
    """Return the names that a signature, which holds, is about."""
    envelope = json.loads(signature.read_bytes())["dsseEnvelope"]
    return {each["name"] for each in json.loads(base64.b64decode(envelope["payload"]))["predicate"]["resources"]}
