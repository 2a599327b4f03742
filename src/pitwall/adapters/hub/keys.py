"""Key pairs of owners (elliptic curve P-256) as PEM files. A key is known by its id: the sha256 of its public PEM, as signatures name it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pitwall.domain.errors import UsageError

PRIVATE, PUBLIC = "private.pem", "public.pem"
MOST_BYTES = 2_000  # of a public key's file: P-521 needs 270


def make_pair(folder: Path) -> Path:
    """Make a key pair in a folder, unless it has one, and return its public key's file; the private key is its user's alone to read."""
    private, public = folder / PRIVATE, folder / PUBLIC
    if private.is_file() and public.is_file():
        return public
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    fresh = private.with_name(f".{PRIVATE}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(key.private_bytes(*form))
    public.write_bytes(_pem(key.public_key()))
    fresh.replace(private)
    return public


def key_id(pem: bytes) -> str:
    """Return the id of a public key from the bytes of its file; nothing is parsed."""
    return hashlib.sha256(pem).hexdigest()


def public_key(file: Path) -> bytes:
    """Return the PEM of a public key in the one form that has an id.

    Raises:
        UsageError: the file is missing, or holds anything but a public elliptic-curve key.
    """
    if not file.is_file() or file.stat().st_size > MOST_BYTES:
        raise UsageError(f"{file} is no public key; expected the file that `pitwall hub key` names.")
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise UsageError(f"{file} holds no public elliptic-curve key; expected the file that `pitwall hub key` names.")
    return _pem(key)


def _pem(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
