"""The text of a token: `pw_<id>_<secret>`. Made from the system's randomness, kept as a hash, compared in constant time.

The secret has 256 random bits, so nobody can guess it from its hash, however quick the hash is: a slow one such as bcrypt protects what
people choose, and each request would pay for it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256

FORM = re.compile(r"pw_(?P<id>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")


def make() -> tuple[str, str, str]:
    """Return a fresh token: its id, its text, and the hash that is kept."""
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return token_id, f"pw_{token_id}_{secret}", _hash(secret)


def id_of(text: str) -> str | None:
    """Return the id in a text; None where it is no token.

    Example:
        >>> id_of(f"pw_0123456789ab_{'x' * 43}")
        '0123456789ab'
    """
    found = FORM.fullmatch(text)
    return found["id"] if found else None


def is_secret_of(text: str, kept: str) -> bool:
    """Return whether the secret in a text has the hash that is kept; how long this takes says nothing of it."""
    found = FORM.fullmatch(text)
    return found is not None and hmac.compare_digest(_hash(found["secret"]), kept)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
